package http1_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// expecting is a request that asks before it sends its body.
func expecting(p *pipelinetest.Pipe) *http1.Request {
	r := http1.NewRequest("PUT", "/")
	r.Header.Add("Expect", "100-continue")
	r.Body = p.Buf("hello")
	return r
}

const expectingHead = "PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"

// RFC 9110 section 10.1.1: the body waits for 100, for a while.
func TestClientExpects(t *testing.T) {
	p, c := connect(t, nil, nil)
	c.Write(expecting(p))
	c.Write(newGet("/next"))
	p.Loop.Settle()
	if out := p.Output(); out != expectingHead {
		t.Fatalf("%q", out)
	}
	p.Feed(continued)
	if out := p.Output(); out != "helloGET /next HTTP/1.1\r\nHost: h\r\n\r\n" {
		t.Errorf("%q", out)
	}
	p.Feed(ok5 + ok5)
	if len(c.got) != 2 {
		t.Errorf("%q", c.got)
	}

	c.Write(expecting(p)) // a server that does not know it
	p.Advance(5 * time.Second)
	if out := p.Output(); out != expectingHead+"hello" {
		t.Errorf("%q", out)
	}
	p.Feed(continued + ok5) // what it has said then comes too late, and is an interim response like others
	if len(c.got) < 3 || p.Ended() {
		t.Errorf("%q, ended %v because of %v", c.got, p.Ended(), c.cause)
	}

	p, c = connect(t, nil, nil) // a server that does not want it: neither side knows whether the body will come
	c.Write(expecting(p))
	p.Feed("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n")
	p.Advance(5 * time.Second)
	if out := p.Output(); len(c.got) != 1 || strings.HasSuffix(out, "hello") && p.Ended() || !strings.HasSuffix(out, "hello") && !p.Ended() {
		t.Errorf("%q, sent %q, ended %v", c.got, out, p.Ended())
	}

	p, c = connect(t, nil, nil) // nothing to wait with
	r := newGet("/")
	r.Header.Add("Expect", "100-continue")
	c.Write(r)
	c.Write(newGet("/"))
	p.Loop.Settle()
	if out := p.Output(); strings.Count(out, "GET / ") != 2 {
		t.Errorf("%q", out)
	}
}

// A body from a Source leaves as fast as the server takes it, and the requests behind it wait.
func TestClientSource(t *testing.T) {
	p, c := connect(t, nil, nil)
	s := &parts{t: t}
	for range 100 {
		s.next = append(s.next, allocs(c, strings.Repeat("x", 10_000)))
	}
	p.Stall()
	r := http1.NewRequest("POST", "/")
	r.Source = s
	c.Write(r)
	c.Write(newGet("/next"))
	p.Loop.Settle()
	if s.asked > 10 || p.Channel().Queued() > 100_000 {
		t.Fatalf("asked %d times, %d bytes are queued", s.asked, p.Channel().Queued())
	}
	p.Unstall()
	out := p.Output()
	if s.released != 1 || strings.Count(out, "\r\n2710\r\n") != 100 || !strings.HasSuffix(out, "\r\n0\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n") {
		t.Errorf("released %d times, %d bytes: %.200q", s.released, len(out), out)
	}
	p.Feed(ok5 + ok5)
	if len(c.got) != 2 {
		t.Errorf("%q", c.got)
	}
}

// It may have nothing for a while: the response is not late as long as the request is not sent.
func TestClientSlowUpload(t *testing.T) {
	p, c := connect(t, &http1.Client{Timeouts: timed}, nil)
	r := http1.NewRequest("POST", "/")
	s := &parts{t: t}
	for range 5 {
		s.next = append(s.next, allocs(c, "x"), func() (channel.Part, error) { return nil, nil })
	}
	r.Source = s
	c.Write(r)
	for range 6 {
		p.Advance(timed.FirstByte - 2*time.Second)
		r.Resume()
	}
	if s.released != 1 || p.Ended() {
		t.Fatalf("released %d times, ended %v because of %v", s.released, p.Ended(), c.cause)
	}
	p.Feed(ok5)
	if len(c.got) != 1 {
		t.Errorf("%q", c.got)
	}
}

// A Source that fails, or gives what it had not said, breaks the connection: the server must not take the body for whole.
func TestClientSourceFails(t *testing.T) {
	broken := errors.New("disk on fire")
	for _, f := range []struct {
		length int64
		last   error
		cause  error
	}{{-1, broken, broken}, {100, broken, broken}, {100, io.EOF, http1.ErrBody}, {3, io.EOF, http1.ErrBody}} {
		p, c := connect(t, nil, nil)
		r := http1.NewRequest("POST", "/")
		s := &parts{t: t, next: []func() (channel.Part, error){allocs(c, "hello"), fails(f.last)}}
		r.Source, r.Length = s, f.length
		c.Write(r)
		p.Loop.Settle()
		if !p.Aborted() || s.released != 1 || !errors.Is(c.cause, f.cause) || strings.HasSuffix(p.Output(), "0\r\n\r\n") {
			t.Errorf("%d, %v: aborted %v, released %d times, %v", f.length, f.last, p.Aborted(), s.released, c.cause)
		}
	}
}

// A server may answer before it has got all of the request. Then the rest of it is of no use, and the connection neither.
func TestEarlyResponse(t *testing.T) {
	for _, in := range []string{"HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 413 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"} {
		for _, f := range []func(*pipe, string){whole, each} {
			p, c := connect(t, nil, nil)
			s := &parts{t: t}
			for range 100 {
				s.next = append(s.next, allocs(c, strings.Repeat("x", 10_000)))
			}
			r := http1.NewRequest("POST", "/")
			r.Source = s
			p.Stall()
			c.Write(r)
			c.Write(newGet("/"))
			f(p, in)
			p.Advance(longer)
			if len(c.got) != 1 || !strings.HasPrefix(c.got[0], "413") || !c.closed || s.released != 1 {
				t.Errorf("%q: %q, closed %v, released %d times", in, c.got, c.closed, s.released)
			}
			if c.cause == nil {
				t.Errorf("%q: the second request got no response, and no error says so", in)
			}
		}
	}
}

// Behind half a request nothing may follow: the server would take it for the rest of the body.
func TestNothingBehindEarlyResponse(t *testing.T) {
	p, c := connect(t, nil, nil)
	r := http1.NewRequest("POST", "/first")
	s := &parts{t: t, next: []func() (channel.Part, error){allocs(c, "hello"), func() (channel.Part, error) { return nil, nil }, allocs(c, "more")}}
	r.Source, r.Length = s, 1000
	c.Write(r)
	c.Write(newGet("/second"))
	p.Loop.Settle()
	if out := p.Output(); !strings.HasSuffix(out, "\r\n\r\nhello") {
		t.Fatalf("%q", out)
	}
	p.Feed("HTTP/1.1 413 X\r\nContent-Length: 2\r\n\r\nn") // the connection goes on until its body has come
	p.Do(func(*channel.Channel) { r.Resume() })
	if err := c.Write(newGet("/third")); !errors.Is(err, channel.ErrClosed) {
		t.Errorf("a request behind half of one: %v", err)
	}
	p.Loop.Settle()
	if out := p.Output(); out != "" {
		t.Errorf("behind half a request it sent %q", out)
	}
	p.Feed("o")
	if len(c.got) != 1 || !c.closed || c.cause == nil || s.released != 1 {
		t.Errorf("%q, closed %v because of %v, released %d times", c.got, c.closed, c.cause, s.released)
	}
}

// 101 and CONNECT hand the connection over, with what comes behind the response.
func TestClientUpgrade(t *testing.T) {
	for _, c := range []struct{ name, method, in string }{
		{"101", "GET", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\n"},
		{"101 behind an interim", "GET", continued + "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\n"},
		{"CONNECT", "CONNECT", "HTTP/1.1 200 OK\r\n\r\n"},
		{"CONNECT with a length", "CONNECT", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"}, // to be ignored, RFC 9110 section 9.3.6
		{"CONNECT to a proxy of 1.0", "CONNECT", "HTTP/1.0 200 Connection established\r\n\r\n"},
		{"CONNECT with chunks", "CONNECT", "HTTP/1.1 299 Well\r\nTransfer-Encoding: chunked\r\n\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			const behind = "behind\r\n\r\n\x00"
			for _, w := range ways(len(c.in + behind)) {
				if w.pause || w.late {
					continue
				}
				with := new(shouter)
				p, on := connect(t, &http1.Client{Stream: w.stream}, func(r *http1.Response) error {
					if r.Status == 100 {
						return nil
					}
					return r.Upgrade(with)
				})
				r := http1.NewRequest(c.method, "/")
				if c.method == "CONNECT" {
					r.Target = []byte("h:443")
				} else {
					r.Header.Add("Connection", "Upgrade")
					r.Header.Add("Upgrade", "shout")
				}
				on.Write(r)
				p.Loop.Settle()
				if out := p.Output(); c.method == "GET" && !strings.Contains(strings.ToLower(out), "connection: upgrade\r\n") {
					t.Fatalf("%q", out)
				}
				w.feed(p, c.in+behind)
				p.Feed("!more")
				p.Advance(longer)
				if out := p.Output(); out != strings.ToUpper(behind)+"!MORE" || p.Ended() {
					t.Fatalf("%s: %q, ended %v because of %v", w.name, out, p.Ended(), on.cause)
				}
			}
		})
	}
}

// Who does not take a connection over that was given up for HTTP has none; who has not been given it cannot.
func TestClientUpgradeNotTaken(t *testing.T) {
	p, c := connect(t, nil, nil)
	c.Write(newGet("/"))
	p.Feed("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\nbehind")
	if len(c.got) != 1 || !p.Ended() {
		t.Errorf("%q, ended %v", c.got, p.Ended())
	}
	p, c = connect(t, nil, func(r *http1.Response) error {
		if err := r.Upgrade(new(shouter)); err == nil {
			t.Errorf("a %d was taken for an upgrade", r.Status)
		}
		return nil
	})
	c.Write(newGet("/"))
	c.Write(newGet("/"))
	p.Feed(ok5 + continued + ok5)
	if c.fired != 3 || p.Ended() {
		t.Errorf("%d responses, ended %v because of %v", c.fired, p.Ended(), c.cause)
	}
}

// What a server and a client of this package say to each other.
func TestClientAndServer(t *testing.T) {
	server := serve(t, &http1.Server{Name: "ropewalk"}, text)
	client, c := connect(t, nil, nil)
	for i := range 20 {
		r := http1.NewRequest([]string{"GET", "POST", "HEAD", "DELETE"}[i%4], "/"+strings.Repeat("x", i))
		r.Header.Add("Host", "h")
		switch i % 5 {
		case 1:
			r.Body = client.Buf(strings.Repeat("y", i*100))
		case 2:
			r.Source = &parts{t: t, next: []func() (channel.Part, error){allocs(c, "some"), allocs(c, "thing")}}
		case 3:
			r.File = client.Loop.File(strings.Repeat("z", 1000))
		}
		if err := c.Write(r); err != nil {
			t.Fatal(err)
		}
		client.Loop.Settle()
		server.FeedEach(client.Output())
		client.FeedEach(server.Output())
		if len(c.got) != i+1 || !strings.HasPrefix(c.got[i], "200") || client.Ended() || server.Ended() {
			t.Fatalf("request %d: %q, ended %v, %v", i, c.got, client.Ended(), server.Ended())
		}
	}
}

// A server that agrees may answer while the request is still being sent, and have more to say when it has it: both bodies go on,
// and the connection with them. If the response ends first the connection does.
func TestBothBodies(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n"
	nothing := func() (channel.Part, error) { return nil, nil }
	for _, first := range []string{"request", "response"} {
		p, c := connect(t, &http1.Client{Timeouts: timed}, nil)
		s := &parts{t: t, next: []func() (channel.Part, error){allocs(c, "one"), nothing, allocs(c, "two")}}
		r := http1.NewRequest("POST", "/")
		r.Source = s
		c.Write(r)
		p.Loop.Settle()
		p.Feed(head)
		p.Advance(2 * longer) // nobody is late: the request is not sent
		if first == "response" {
			p.Feed("3\r\nllo\r\n0\r\n\r\n")
			if len(c.got) != 1 || !p.Ended() || s.released != 1 {
				t.Errorf("%q, ended %v, released %d times", c.got, p.Ended(), s.released)
			}
			continue
		}
		r.Resume()
		p.Loop.Settle()
		if out := p.Output(); !strings.HasSuffix(out, "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n") || s.released != 1 {
			t.Errorf("sent %q, released %d times", out, s.released)
		}
		p.Feed("3\r\nllo\r\n0\r\n\r\n")
		c.Write(newGet("/"))
		p.Feed(ok5)
		if len(c.got) != 2 || p.Ended() {
			t.Errorf("%q, ended %v because of %v", c.got, p.Ended(), c.cause)
		}
		r = http1.NewRequest("POST", "/") // when it is sent, the response is late again
		s = &parts{t: t, next: []func() (channel.Part, error){nothing, allocs(c, "two")}}
		r.Source = s
		c.Write(r)
		p.Loop.Settle()
		p.Feed(head)
		r.Resume()
		p.Loop.Settle()
		p.Advance(2 * longer)
		if !errors.Is(c.cause, http1.ErrTimeout) {
			t.Errorf("the cause is %v", c.cause)
		}
	}
}
