package http1_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// A caller is the last stage of a client: it sends requests, and notes what it gets.
type caller struct {
	pipeline.Ctx[*http1.Request]
	stream, pause bool
	on            func(*http1.Response) error // instead of noting it
	got           []string
	fired         int
	closed        bool
	cause         error
}

func (c *caller) Read(r *http1.Response) error {
	c.fired++
	if c.pause {
		c.Channel().SetReading(false)
	}
	if c.on != nil {
		return c.on(r)
	}
	head := showResponse(r)
	if !c.stream || r.Status < 200 {
		c.got = append(c.got, head+showBody(r.Body)+showTrailerOf(&r.Trailer))
		return nil
	}
	var body []byte
	r.OnBody(func(piece *buffer.Buf, end bool) error {
		if piece != nil {
			body = append(body, piece.Bytes()...)
			piece.Release()
		}
		if end {
			if len(body) > 0 {
				head += " " + strconv.Quote(string(body))
			}
			c.got = append(c.got, head+showTrailerOf(&r.Trailer))
		}
		return nil
	})
	return nil
}

func (c *caller) Closed(cause error) { c.closed, c.cause = true, cause }

// showResponse is what a client sees of a response: 200 name=value "body" {name=value}. Other versions than 1.1, and reasons other
// than OK, are shown. So is a Tag.
func showResponse(r *http1.Response) string {
	s := strconv.Itoa(r.Status)
	if r.Minor != 1 {
		s += fmt.Sprintf(" 1.%d", r.Minor)
	}
	if string(r.Reason) != "OK" {
		s += fmt.Sprintf(" %q", r.Reason)
	}
	for name, value := range r.Header.All() {
		s += " " + showField(name, value)
	}
	if r.Tag != nil {
		s += fmt.Sprintf(" #%v", r.Tag)
	}
	return s
}

// An answer is what a server sends, and what a client must make of it.
type answer struct {
	name string
	asks string // methods of the requests that were sent before; empty means GET
	in   string // bytes of the server
	// want is the responses, see showResponse, separated by " | "; in the end one of
	//
	//	open    the connection goes on
	//	close   it has ended as it should
	//	error   it was closed because of an error
	want string
	eof  bool // the server ends its stream behind in
	with *http1.Client
}

// answers plays answers in all ways.
func answers(t *testing.T, all []answer) {
	t.Helper()
	names := make(map[string]bool)
	l := newLab(t)
	for _, a := range all {
		if names[a.name] {
			t.Errorf("two answers are called %q", a.name)
		}
		names[a.name] = true
		t.Run(a.name, func(t *testing.T) {
			l.TB = t
			defer l.close()
			for _, w := range ways(len(a.in)) {
				if !w.late && !w.stall && !a.play(l, w) {
					return
				}
			}
		})
	}
}

// A call is one connection of a client.
type call struct {
	*scope
	caller
	pipe *pipelinetest.Pipe
}

// dial opens a connection.
func (l *lab) dial(w way, client *http1.Client) *call {
	if client == nil {
		client = new(http1.Client)
	}
	c := &call{scope: &scope{TB: l.TB, what: w.name}, caller: caller{stream: w.stream || client.Stream, pause: w.pause}}
	with := &http1.Client{Limits: client.Limits, Timeouts: client.Timeouts, MaxPending: client.MaxPending, Stream: c.stream}
	c.pipe = pipelinetest.Config{Loop: l.bench(), Options: channel.Options{Linger: -1, KeepReading: true}}.New(c.scope, with.Stage(), &c.caller)
	l.trial = &trial{scope: c.scope}
	return c
}

// ask sends a request.
func (c *call) ask(method string) {
	target := "/"
	switch method {
	case "CONNECT":
		target = "h:443"
	case "OPTIONS":
		target = "*"
	}
	r := http1.NewRequest(method, target)
	r.Header.Add("Host", "h")
	if err := c.caller.Write(r); err != nil {
		c.Errorf("%s: %v", method, err)
	}
}

// result is what came of it, in the form of answer.want.
func (c *call) result() []string {
	got := c.got
	switch {
	case !c.closed && !c.pipe.Ended():
		return append(got, "open")
	case c.cause != nil:
		return append(got, "error")
	}
	return append(got, "close")
}

// feedAll feeds the input, and then resumes reading as long as something comes of it.
func (c *call) feedAll(w way, in string, eof bool) {
	w.feed(c.pipe, in)
	if eof {
		c.pipe.EOF()
	}
	for n := -1; c.pause && n != c.fired && !c.pipe.Channel().Closing(); {
		n = c.fired
		c.pipe.Do(func(ch *channel.Channel) { ch.SetReading(true) })
	}
}

// play plays an answer in one way and tells whether it came out as it should.
func (a answer) play(l *lab, w way) bool {
	c := l.dial(w, a.with)
	asks := a.asks
	if asks == "" {
		asks = "GET"
	}
	c.pipe.Do(func(*channel.Channel) {
		for method := range strings.FieldsSeq(asks) {
			if method != "NOTHING" {
				c.ask(method)
			}
		}
	})
	c.feedAll(w, a.in, a.eof)
	if got := c.result(); strings.Join(got, " | ") != a.want {
		c.Errorf("\nsent %.2000q\ngot  %.2000s (%v)\nwant %.2000s", a.in, strings.Join(got, " | "), c.cause, a.want)
	}
	return c.end()
}

func (c *call) end() bool {
	l := c.pipe.Loop
	l.Protect(func() { c.pipe.Channel().Abort(channeltest.ErrTestEnded) })
	l.Settle()
	for _, p := range l.Panics() {
		c.Errorf("panic: %s", p)
	}
	l.Cache().Publish()
	if n := l.Pool.Live(); n != 0 {
		c.Errorf("%d buffers were not released", n)
	}
	return c.scope.end()
}

// connect opens a connection on a loop of its own, for tests of one thing.
func connect(t testing.TB, client *http1.Client, on func(*http1.Response) error) (*pipelinetest.Pipe, *caller) {
	t.Helper()
	if client == nil {
		client = new(http1.Client)
	}
	c := &caller{stream: client.Stream, on: on}
	return pipelinetest.Config{Options: channel.Options{Linger: -1, KeepReading: true}}.New(t, client.Stage(), c), c
}
