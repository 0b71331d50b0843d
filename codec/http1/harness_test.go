package http1_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// A row is what a peer sends, and what it must get for it. It is played in many ways, with the same outcome, see ways.
type row struct {
	name string
	in   string // bytes of the peer
	// want is what the peer gets, separated by " | ": for a request that was handled what the handler saw of it, see
	// show; else the status; in the end one of
	//
	//	open    the connection goes on: one more request is handled
	//	wait    the connection waits for the rest of a request
	//	close   the connection is closed, and of one more request nothing is seen
	//
	// A status may be a list: 400/501.
	want string
	eof  bool          // the peer ends its stream behind in; nothing else is sent
	with *http1.Server // nil means the zero Server
}

// after is sent behind all rows that do not wait: it shows that both sides agree where the next request begins.
const after = "GET /after HTTP/1.1\r\nHost: h\r\n\r\n"

// get is a request with these fields, each of which ends with CR LF. Host: h is added, and not shown.
func get(fields ...string) string {
	return "GET / HTTP/1.1\r\nHost: h\r\n" + strings.Join(fields, "") + "\r\n"
}

// post is a request with this body behind its head.
func post(fields, body string) string {
	return "POST / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n" + body
}

// A way is how a row is played.
type way struct {
	name   string
	feed   func(p *pipelinetest.Pipe, in string)
	stream bool // Server.Stream: the handler gets the head, and then the body in pieces
	late   bool // the handler answers out of a timer
	pause  bool // the handler pauses reading
	stall  bool // the peer takes nothing until all was sent
}

func whole(p *pipelinetest.Pipe, in string) { p.Feed(in) }

// each feeds bytes one by one; of what is very long the middle comes in larger parts.
func each(p *pipelinetest.Pipe, in string) {
	const first, last, part = 2_500, 100, 997
	if len(in) > first+last {
		p.FeedEach(in[:first])
		for in = in[first:]; len(in) > last; in = in[min(part, len(in)-last):] {
			p.Feed(in[:min(part, len(in)-last)])
		}
	}
	p.FeedEach(in)
}

// pieces feeds one composite buffer of pieces of n bytes.
func pieces(n int) func(*pipelinetest.Pipe, string) {
	return func(p *pipelinetest.Pipe, in string) {
		b := p.Loop.Cache().Alloc(0)
		for in != "" {
			m := min(n, len(in))
			b.Gather(p.Buf(in[:m]), 0)
			in = in[m:]
		}
		if b.Len() == 0 {
			b.Release()
			return
		}
		p.FeedBuf(b)
	}
}

func cut(at ...int) func(*pipelinetest.Pipe, string) {
	return func(p *pipelinetest.Pipe, in string) { p.FeedCut(in, at...) }
}

// ways returns the ways to play an input of n bytes. The first is the simplest.
func ways(n int) []way {
	all := []way{
		{name: "whole", feed: whole},
		{name: "byte by byte", feed: each},
		{name: "in pieces of 3", feed: pieces(3)},
		{name: "in pieces of 17", feed: pieces(17)},
		{name: "whole, stalled", feed: whole, stall: true},
		{name: "whole, paused", feed: whole, pause: true},
		{name: "byte by byte, paused", feed: each, pause: true},
		{name: "whole, late", feed: whole, late: true},
		{name: "byte by byte, late", feed: each, late: true},
		{name: "streamed whole", feed: whole, stream: true},
		{name: "streamed byte by byte", feed: each, stream: true},
		{name: "streamed whole, late", feed: whole, stream: true, late: true},
		{name: "streamed whole, paused", feed: whole, stream: true, pause: true},
		{name: "streamed in pieces of 5", feed: pieces(5), stream: true, stall: true},
	}
	some, random := 24, 6
	if testing.Short() { // under the race detector and in checked mode, where a case takes twenty times as long
		all = []way{all[0], all[1], all[8], all[10]}
		some, random = 2, 1
	}
	for i := 1; i < n; i += n/some + 1 {
		all = append(all, way{name: "cut at " + strconv.Itoa(i), feed: cut(i), stream: i%2 == 0})
	}
	dice := rand.New(rand.NewPCG(9112, uint64(n)))
	for range random {
		at := make([]int, dice.IntN(8)+1)
		from := 0
		for i := range at {
			from += dice.IntN(n-from+1) / 2
			at[i] = from
		}
		all = append(all, way{name: fmt.Sprint("cut at ", at), feed: cut(at...), stream: dice.IntN(2) == 0, late: dice.IntN(3) == 0})
	}
	return all
}

// table plays rows.
func table(t *testing.T, rows []row) {
	t.Helper()
	names := make(map[string]bool)
	l := newLab(t)
	for _, r := range rows {
		if names[r.name] {
			t.Errorf("two rows are called %q", r.name)
		}
		names[r.name] = true
		t.Run(r.name, func(t *testing.T) {
			l.TB = t
			defer l.close()
			r.play(l)
		})
	}
}

// play plays a row in all ways, until one fails.
func (r row) play(l *lab) {
	for _, w := range ways(len(r.in)) {
		if !r.playOnce(l, w) {
			return
		}
	}
}

// playOnce plays a row in one way and tells whether it came out as it should.
func (r row) playOnce(l *lab, w way) bool {
	in, want := r.in, strings.Split(r.want, " | ")
	last := len(want) - 1
	switch end := want[last]; {
	case r.eof:
	case end == "open":
		in += after
		want = append(want[:last:last], "GET /after", "open")
	case end == "close":
		in += after
	}
	tr := l.start(w, r.with)
	tr.play(in, r.eof)
	got, err := tr.result()
	switch {
	case err != nil:
		tr.Errorf("%v\nsent     %.2000q\nreceived %.2000q", err, in, tr.out)
	case !match(got, want):
		tr.Errorf("\nsent %.2000q\ngot  %.2000s\nwant %.2000s", in, strings.Join(got, " | "), strings.Join(want, " | "))
	}
	return tr.end()
}

// match compares what came of a row with what it wants.
func match(got, want []string) bool {
	if len(got) != len(want) {
		return false
	}
	for i, w := range want {
		if i == len(want)-1 && w == "wait" {
			w = "open"
		}
		ok := got[i] == w
		if _, err := strconv.Atoi(w[:min(3, len(w))]); err == nil && !ok {
			for status := range strings.SplitSeq(w, "/") {
				ok = ok || got[i] == status
			}
		}
		if !ok {
			return false
		}
	}
	return true
}

// A trial is one connection to a server whose handler answers with what it saw.
type trial struct {
	*scope
	witness
	pipe *pipelinetest.Pipe
	out  string
}

// start begins a trial.
func (l *lab) start(w way, server *http1.Server) *trial {
	if server == nil {
		server = new(http1.Server)
	}
	w.stream = w.stream || server.Stream
	s := &http1.Server{Limits: server.Limits, Timeouts: server.Timeouts, Name: server.Name, Stream: w.stream}
	tr := &trial{scope: &scope{TB: l.TB, what: w.name}, witness: witness{way: w}}
	tr.pipe = pipelinetest.Config{Loop: l.bench(), Options: channel.Options{Linger: -1}}.New(tr.scope, s.Stage(), http1.Serve(tr.handle))
	l.trial = tr
	return tr
}

const answerAfter = time.Millisecond

// play sends the input and lets everything happen that comes of it.
func (tr *trial) play(in string, eof bool) {
	if tr.stall {
		tr.pipe.Stall()
	}
	tr.feed(tr.pipe, in)
	if eof {
		tr.pipe.EOF()
	}
	if tr.stall {
		tr.pipe.Unstall()
	}
	for n := -1; n != len(tr.methods)+tr.answered; {
		n = len(tr.methods) + tr.answered
		if tr.late {
			tr.pipe.Advance(2 * answerAfter)
		}
		if tr.pause && !tr.pipe.Channel().Closing() {
			tr.pipe.Do(func(ch *channel.Channel) { ch.SetReading(true) })
		}
	}
	tr.out = tr.pipe.Output()
}

// result is what the peer has got, in the form of row.want. Interim responses are left out: whether there are some depends on
// how the input was cut.
func (tr *trial) result() ([]string, error) {
	ended := tr.pipe.Ended()
	all, err := parseResponses(tr.out, ended, tr.methods)
	if err != nil {
		return nil, err
	}
	var got []string
	handled := 0
	for i, r := range all {
		switch {
		case r.status < 200:
			continue
		case r.get("connection") == "close" && (!ended || i != len(all)-1):
			return nil, fmt.Errorf("response %d says that the connection will be closed, and it is not", i+1)
		case i == len(all)-1 && ended && r.status >= 400 && r.get("connection") != "close":
			return nil, errors.New("the error does not say that the connection will be closed")
		case r.status != 200 && (r.status != refused || handled >= len(tr.seen)):
			got = append(got, strconv.Itoa(r.status))
			continue
		case handled >= len(tr.seen):
			return nil, errors.New("a response comes from nowhere")
		case r.body != tr.seen[handled] && tr.methods[handled] != "HEAD":
			return nil, fmt.Errorf("response %d is %q, and the handler had written %q", i+1, r.body, tr.seen[handled])
		}
		got = append(got, tr.seen[handled])
		handled++
	}
	if handled != len(tr.seen) && !tr.stream {
		return nil, fmt.Errorf("%d requests were handled, %d were answered", len(tr.seen), handled)
	}
	if tr.pipe.Aborted() {
		return append(got, "abort"), nil
	}
	if ended {
		return append(got, "close"), nil
	}
	return append(got, "open"), nil
}

// end closes the connection and tells whether all was well. No buffer may be left.
func (tr *trial) end() bool {
	l := tr.pipe.Loop
	l.Protect(func() { tr.pipe.Channel().Abort(channeltest.ErrTestEnded) })
	l.Settle()
	for _, p := range l.Panics() {
		tr.Errorf("panic: %s", p)
	}
	l.Cache().Publish()
	if n := l.Pool.Live(); n != 0 {
		tr.Errorf("%d buffers were not released", n)
	}
	return tr.scope.end()
}
