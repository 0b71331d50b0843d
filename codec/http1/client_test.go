package http1_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// newGet is a request with a Host.
func newGet(target string) *http1.Request {
	r := http1.NewRequest("GET", target)
	r.Header.Add("Host", "h")
	return r
}

// What a client sends.
func TestRequests(t *testing.T) {
	var p *pipelinetest.Pipe
	for _, c := range []struct {
		name string
		make func(c *caller) *http1.Request
		want string
	}{
		{"GET", func(*caller) *http1.Request { return newGet("/a?b") }, "GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n"},
		{"absolute", func(*caller) *http1.Request { return newGet("http://h/a") }, "GET http://h/a HTTP/1.1\r\nHost: h\r\n\r\n"},
		{"POST of nothing", func(*caller) *http1.Request { return http1.NewRequest("POST", "/") }, "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"},
		{"PUT of a Buf", func(*caller) *http1.Request {
			r := http1.NewRequest("PUT", "/")
			r.Body = p.Buf("hello")
			return r
		}, "PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"},
		{"POST of a File", func(*caller) *http1.Request {
			r := http1.NewRequest("POST", "/")
			r.File = p.Loop.File("hello")
			return r
		}, "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"},
		{"POST of a Source", func(c *caller) *http1.Request {
			r := http1.NewRequest("POST", "/")
			r.Trailer.Add("X", "y")
			r.Source = &parts{t: t, next: []func() (channel.Part, error){allocs(c, "hel"), allocs(c, "lo")}}
			return r
		}, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\nX: y\r\n\r\n"},
		{"POST of a Source of known length", func(c *caller) *http1.Request {
			r := http1.NewRequest("POST", "/")
			r.Source, r.Length = &parts{t: t, next: []func() (channel.Part, error){allocs(c, "hel"), allocs(c, "lo")}}, 5
			return r
		}, "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"},
		{"GET with a body", func(*caller) *http1.Request {
			r := http1.NewRequest("GET", "/")
			r.Body = p.Buf("hello")
			return r
		}, "GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"},
		{"framing of its own", func(*caller) *http1.Request {
			r := newGet("/")
			r.Header.Add("Content-Length", "7")
			r.Header.Add("Transfer-Encoding", "chunked")
			r.Header.Add("Keep-Alive", "x")
			r.Header.Add("A", "b")
			return r
		}, "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n"},
		{"close", func(*caller) *http1.Request {
			r := newGet("/")
			r.Header.Add("Connection", "close")
			return r
		}, "GET / HTTP/1.1\r\nConnection: close\r\nHost: h\r\n\r\n"},
		{"in 1.0", func(*caller) *http1.Request {
			r := newGet("/")
			r.Minor = 0
			return r
		}, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var on *caller
			p, on = connect(t, nil, nil)
			if err := on.Write(c.make(on)); err != nil {
				t.Fatal(err)
			}
			p.Loop.Settle()
			if out := p.Output(); out != c.want {
				t.Errorf("%q, not %q", out, c.want)
			}
			p.Feed(okNot)
			if len(on.got) != 1 {
				t.Errorf("%q", on.got)
			}
		})
	}
}

func allocs(c *caller, text string) func() (channel.Part, error) {
	return func() (channel.Part, error) {
		b := c.Alloc(len(text))
		b.WriteString(text)
		return b, nil
	}
}

// What cannot be sent is refused, and released; the connection goes on.
func TestRequestsRefused(t *testing.T) {
	p, c := connect(t, nil, nil)
	for name, spoil := range map[string]func(r *http1.Request){
		"value":            func(r *http1.Request) { r.Header.Add("A", "b\r\nC: d") },
		"name":             func(r *http1.Request) { r.Header.Add("A: b", "c") },
		"trailer":          func(r *http1.Request) { r.Trailer.Add("A", "b\n") },
		"method":           func(r *http1.Request) { r.Method = "GET / HTTP/1.1\r\n" },
		"empty method":     func(r *http1.Request) { r.Method = "" },
		"target":           func(r *http1.Request) { r.Target = []byte("/ HTTP/1.1\r\nA: b\r\n\r\n") },
		"space in target":  func(r *http1.Request) { r.Target = []byte("/a b") },
		"empty target":     func(r *http1.Request) { r.Target = nil },
		"fragment":         func(r *http1.Request) { r.Target = []byte("/a#b") },
		"target of UTF-8":  func(r *http1.Request) { r.Target = []byte("/\xc3\xa4") },
		"more than a body": func(r *http1.Request) { r.File = p.Loop.File("x") },
	} {
		r := newGet("/")
		r.Body = p.Buf("hello")
		spoil(r)
		if err := c.Write(r); err == nil {
			t.Errorf("%s: it was accepted", name)
		}
	}
	p.Loop.Settle()
	if out := p.Output(); out != "" {
		t.Errorf("%q", out)
	}
	c.Write(newGet("/"))
	p.Feed(okNot)
	if len(c.got) != 1 {
		t.Errorf("%q", c.got)
	}
}

// Responses belong to requests in the order of these, and have their Tags.
func TestClientOrder(t *testing.T) {
	p, c := connect(t, nil, nil)
	for i := range 5 {
		r := newGet("/")
		r.Tag = i
		if err := c.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	p.Feed(okNot + continued + okNot)
	r := newGet("/")
	r.Tag = "late"
	c.Write(r)
	p.Feed(okNot + okNot + okNot + okNot)
	want := sawNo + " #0|100 \"Continue\" #1|" + sawNo + " #1|" + sawNo + " #2|" + sawNo + " #3|" + sawNo + " #4|" + sawNo + " #late"
	if got := strings.Join(c.got, "|"); got != want {
		t.Errorf("%s", got)
	}
}

// MaxPending bounds the requests that wait.
func TestMaxPending(t *testing.T) {
	p, c := connect(t, &http1.Client{MaxPending: 3}, nil)
	for range 3 {
		if err := c.Write(newGet("/")); err != nil {
			t.Fatal(err)
		}
	}
	fourth := newGet("/")
	fourth.Body = p.Buf("x")
	if err := c.Write(fourth); !errors.Is(err, http1.ErrPending) {
		t.Errorf("%v", err)
	}
	p.Feed(okNot)
	if err := c.Write(newGet("/")); err != nil {
		t.Error(err)
	}
	if err := c.Write(newGet("/")); !errors.Is(err, http1.ErrPending) {
		t.Errorf("%v", err)
	}
	p, c = connect(t, nil, nil) // the default
	n := 0
	for ; n < 10_000 && c.Write(newGet("/")) == nil; n++ {
	}
	if n < 16 || n == 10_000 {
		t.Errorf("%d requests may wait", n)
	}
	_ = p
}

// A request that says close is the last one, and those before it get their responses.
func TestClientCloses(t *testing.T) {
	p, c := connect(t, nil, nil)
	for i := range 3 {
		r := newGet("/")
		if i == 2 {
			r.Header.Add("Connection", "close")
		}
		if err := c.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	behind := newGet("/")
	behind.Body = p.Buf("x")
	if err := c.Write(behind); err == nil {
		t.Error("a request behind the last one was accepted")
	}
	p.Feed(ok5)
	p.Feed(ok5)
	if len(c.got) != 2 || p.Ended() {
		t.Fatalf("%q, ended %v", c.got, p.Ended())
	}
	p.Feed(ok5)
	if len(c.got) != 3 || !p.Ended() || c.cause != nil {
		t.Errorf("%q, ended %v because of %v", c.got, p.Ended(), c.cause)
	}
}

// The next request may be written from the handler of a response.
func TestClientAsksAgain(t *testing.T) {
	var c *caller
	n := 0
	p, c := connect(t, nil, func(r *http1.Response) error {
		if n++; n < 10 {
			return c.Write(newGet("/"))
		}
		return nil
	})
	c.Write(newGet("/"))
	p.Loop.Settle()
	for range 10 {
		if out := p.Output(); out != "GET / HTTP/1.1\r\nHost: h\r\n\r\n" {
			t.Fatalf("%q", out)
		}
		p.Feed(ok5)
	}
	if n != 10 || p.Ended() {
		t.Errorf("%d responses", n)
	}
}

// A handler that fails closes the connection.
func TestClientHandlerFails(t *testing.T) {
	for _, in := range []string{ok5, okNot, ok("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\nA: b\r\n\r\n"), continued} {
		for _, stream := range []bool{false, true} {
			p, c := connect(t, &http1.Client{Stream: stream}, func(*http1.Response) error { return errHandler })
			c.Write(newGet("/"))
			c.Write(newGet("/"))
			p.Feed(in + ok5)
			if c.fired != 1 || !errors.Is(c.cause, errHandler) {
				t.Errorf("%q: %d responses, %v", in, c.fired, c.cause)
			}
		}
	}
}

// A body may be taken out of a response, or be left.
func TestResponseBody(t *testing.T) {
	var kept []*buffer.Buf
	p, c := connect(t, nil, func(r *http1.Response) error {
		if len(kept) < 2 {
			kept = append(kept, r.TakeBody())
		}
		return nil
	})
	for range 3 {
		c.Write(newGet("/"))
	}
	p.Feed(ok5 + ok("Transfer-Encoding: chunked\r\n", "3\r\nwor\r\n2\r\nld\r\n0\r\n\r\n") + ok5)
	if c.fired != 3 || kept[0].Text(0, 5)+kept[1].Text(0, 5) != "helloworld" {
		t.Errorf("%d responses", c.fired)
	}
	kept[0].Release()
	kept[1].Release()
}

// A streamed body that nobody wants is dropped, and the next response found behind it.
func TestClientStreamUnwanted(t *testing.T) {
	p, c := connect(t, &http1.Client{Stream: true}, func(r *http1.Response) error { return nil })
	for range 3 {
		c.Write(newGet("/"))
	}
	p.FeedEach(ok5 + ok("Transfer-Encoding: chunked\r\n", "3\r\nwor\r\n2\r\nld\r\n0\r\nA: b\r\n\r\n") + ok5)
	if c.fired != 3 || p.Ended() {
		t.Errorf("%d responses, ended %v because of %v", c.fired, p.Ended(), c.cause)
	}
}

// Reading a body goes as fast as its reader.
func TestClientBackPressure(t *testing.T) {
	got, done := 0, false
	var c *caller
	p, c := connect(t, &http1.Client{Stream: true}, func(r *http1.Response) error {
		r.OnBody(func(piece *buffer.Buf, end bool) error {
			if piece != nil {
				got += piece.Len()
				piece.Release()
				c.Channel().SetReading(false)
			}
			done = end
			return nil
		})
		return nil
	})
	c.Write(newGet("/"))
	const n = 1000
	p.Feed(ok("Content-Length: 1000000\r\n", ""))
	for range n {
		p.Feed(strings.Repeat("x", 1000))
	}
	if got > 10_000 || p.Reading() {
		t.Fatalf("%d bytes were read of one who has paused", got)
	}
	p.EOF()
	for i := 0; i < 2*n && !done; i++ {
		p.Do(func(ch *channel.Channel) { ch.SetReading(true) })
	}
	if got != n*1000 || !done {
		t.Errorf("%d bytes, done %v", got, done)
	}
}

// All that waits to be sent, or to be answered, is released when the connection ends, and what comes later is refused.
func TestClientReleases(t *testing.T) {
	for name, end := range map[string]func(p *pipelinetest.Pipe){
		"breaks": func(p *pipelinetest.Pipe) { p.Break(errHandler) },
		"ends":   func(p *pipelinetest.Pipe) { p.EOF() },
		"aborts": func(p *pipelinetest.Pipe) { p.Do(func(ch *channel.Channel) { ch.Abort(nil) }) },
		"closes": func(p *pipelinetest.Pipe) { p.Do(func(ch *channel.Channel) { ch.Close(nil) }); p.Advance(longer) },
		"errors": func(p *pipelinetest.Pipe) { p.Feed("x") },
	} {
		for _, in := range []string{"", "HTTP/1.1 200", ok("Content-Length: 5\r\n", "he"), ok("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\nA: b")} {
			p, c := connect(t, nil, nil)
			p.Stall()
			source := &parts{t: t, next: []func() (channel.Part, error){allocs(c, strings.Repeat("x", 100_000)), allocs(c, "y"), allocs(c, "z")}}
			first := newGet("/")
			first.Source = source
			c.Write(first)
			for _, body := range []func(r *http1.Request){
				func(r *http1.Request) { r.Body = p.Buf("x") },
				func(r *http1.Request) { r.File = p.Loop.File("x") },
				func(r *http1.Request) { r.Source = &parts{t: t} },
			} {
				r := newGet("/")
				body(r)
				c.Write(r)
			}
			p.Feed(in)
			end(p)
			p.Advance(longer)
			if !c.closed || source.released != 1 {
				t.Errorf("%s behind %q: closed %v, released %d times", name, in, c.closed, source.released)
			}
			late := newGet("/")
			late.Body = p.Buf("late")
			if err := c.Write(late); err == nil {
				t.Error("a request was accepted that comes too late")
			}
		}
	}
}

// Behind Connection: close, sent or received, no request is sent (RFC 9112 section 9.6).
func TestClientSendsNoMore(t *testing.T) {
	t.Run("received", func(t *testing.T) {
		p, c := connect(t, nil, nil)
		c.Write(newGet("/first"))
		p.Loop.Settle()
		p.Output()
		p.Feed(ok("Content-Length: 5\r\nConnection: close\r\n", "he"))
		if err := c.Write(newGet("/second")); !errors.Is(err, channel.ErrClosed) {
			t.Errorf("the error is %v", err)
		}
		p.Feed("llo")
		if out := p.Output(); out != "" || len(c.got) != 1 || !c.closed || c.cause != nil {
			t.Errorf("sent %q, got %q, closed %v because of %v", out, c.got, c.closed, c.cause)
		}
	})
	t.Run("sent", func(t *testing.T) {
		p, c := connect(t, nil, nil)
		slow := newGet("/first")
		slow.Source = &parts{t: t, next: []func() (channel.Part, error){func() (channel.Part, error) { return nil, nil }}}
		last := newGet("/second")
		last.Header.Add("Connection", "close")
		third := newGet("/third")
		third.Body = p.Buf("third")
		for _, r := range []*http1.Request{slow, last, third} {
			if err := c.Write(r); err != nil {
				t.Fatal(err)
			}
		}
		p.Do(func(*channel.Channel) { slow.Resume() })
		if out := p.Output(); !strings.Contains(out, "/second") || strings.Contains(out, "third") {
			t.Errorf("sent %q", out)
		}
		p.Feed(ok5 + ok5)
		if len(c.got) != 2 || !c.closed || c.cause == nil {
			t.Errorf("got %q, closed %v because of %v", c.got, c.closed, c.cause)
		}
	})
}

// What was there before a request was written is no response to it.
func TestResponseBeforeRequest(t *testing.T) {
	for _, c := range []struct{ first, second string }{
		{ok5 + "HTTP/1.1 200 OK\r\n\r\n", ""},
		{ok5 + "H", "TTP/1.1 200 OK\r\n\r\n"},
		{okNot + ok5, ""},
		{ok("Transfer-Encoding: chunked\r\n", "0\r\n\r\n") + continued, ok5},
	} {
		for _, stream := range []bool{false, true} {
			var on *caller
			p, on := connect(t, &http1.Client{Stream: stream}, func(r *http1.Response) error {
				if on.fired > 1 {
					t.Errorf("%q: a response came before its request", c.first)
				}
				r.OnBody(func(piece *buffer.Buf, end bool) error {
					if piece != nil {
						piece.Release()
					}
					if end {
						return on.Write(newGet("/second"))
					}
					return nil
				})
				return nil
			})
			on.Write(newGet("/first"))
			p.Loop.Settle()
			p.Feed(c.first)
			p.Feed(c.second)
			if !on.closed || !errors.Is(on.cause, http1.ErrUnexpected) {
				t.Errorf("%q: closed %v because of %v", c.first, on.closed, on.cause)
			}
		}
	}
}

// Timeouts of responses.
func TestClientTimeouts(t *testing.T) {
	for _, c := range []struct {
		name, in string
		after    time.Duration
	}{
		{"nothing comes", "", timed.FirstByte},
		{"an interim comes", continued, timed.FirstByte},
		{"half a head comes", "HTTP/1.1 200 OK\r\nA", timed.Head},
		{"no body comes", ok("Content-Length: 5\r\n", ""), timed.Body},
		{"half a body comes", ok("Content-Length: 5\r\n", "he"), timed.Body},
		{"no chunk comes", ok("Transfer-Encoding: chunked\r\n", ""), timed.Body},
		{"no end comes", ok("", "hello"), timed.Body},
		{"the second does not come", ok5, timed.FirstByte},
	} {
		for _, stream := range []bool{false, true} {
			p, on := connect(t, &http1.Client{Timeouts: timed, Stream: stream}, nil)
			on.Write(newGet("/"))
			on.Write(newGet("/"))
			p.Feed(c.in)
			if d := stepsTo(p, nil); !around(d, c.after) || !errors.Is(on.cause, http1.ErrTimeout) {
				t.Errorf("%s: after %v, not %v, because of %v", c.name, d, c.after, on.cause)
			}
		}
	}
	p, on := connect(t, &http1.Client{Timeouts: timed}, nil) // nothing is waited for
	p.Advance(time.Hour)
	on.Write(newGet("/"))
	p.Feed(ok5)
	p.Advance(time.Hour)
	on.Write(newGet("/"))
	p.Feed(ok5)
	if len(on.got) != 2 || p.Ended() {
		t.Errorf("%q, ended %v because of %v", on.got, p.Ended(), on.cause)
	}
}
