package http1_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// longer than any timeout of these tests, and than a channel lingers.
const longer = 10 * time.Minute

func asError(err error, target any) bool { return errors.As(err, target) }
func isError(err, target error) bool     { return errors.Is(err, target) }

// timed has timeouts that are far apart.
var timed = http1.Timeouts{FirstByte: 10 * time.Second, Head: 20 * time.Second, Body: 40 * time.Second, Idle: 80 * time.Second}

// stepsTo advances in steps and returns how long it took until the stream has ended.
func stepsTo(p *pipelinetest.Pipe, step func()) time.Duration {
	for d := time.Duration(0); d < longer; d += time.Second {
		if p.Ended() || p.Closed() {
			return d
		}
		if step != nil {
			step()
		}
		p.Advance(time.Second)
	}
	return longer
}

// around tells whether d is a timeout as exact as it has to be.
func around(d, timeout time.Duration) bool { return d >= timeout && d <= timeout+2*time.Second }

func TestTimeouts(t *testing.T) {
	for _, c := range []struct {
		name   string
		in     string
		after  time.Duration
		status string // of the answer at the end
	}{
		{"nothing comes", "", timed.FirstByte, ""},
		{"one byte comes", "G", timed.Head, "408"},
		{"half a head comes", "GET / HTTP/1.1\r\nHost: h\r\n", timed.Head, "408"},
		{"half an empty line comes", "\r", timed.Head, ""}, // there is nobody yet who could be answered: either will do
		{"no body comes", post("Content-Length: 5\r\n", ""), timed.Body, "408"},
		{"half a body comes", post("Content-Length: 5\r\n", "he"), timed.Body, "408"},
		{"no chunk comes", chunks(""), timed.Body, "408"},
		{"half a chunk comes", chunks("5\r\nhe"), timed.Body, "408"},
		{"no trailer comes", chunks("5\r\nhello\r\n0\r\n"), timed.Body, "408"},
		{"nothing else comes", get(), timed.Idle, ""},
		{"half of a second head comes", get() + "GET", timed.Head, "408"},
		{"half of a second body comes", get() + post("Content-Length: 5\r\n", "hell"), timed.Body, "408"},
		{"a continued body does not come", post("Expect: 100-continue\r\nContent-Length: 5\r\n", ""), timed.Body, "408"},
	} {
		for _, f := range []struct {
			name   string
			stream bool
			feed   func(*pipelinetest.Pipe, string)
		}{{"whole", false, whole}, {"byte by byte", false, each}, {"streamed", true, whole}} {
			t.Run(c.name+" "+f.name, func(t *testing.T) {
				w := witness{way: way{stream: f.stream}}
				p := serve(t, &http1.Server{Timeouts: timed, Stream: f.stream}, w.handle)
				f.feed(p, c.in)
				p.Output()
				if d := stepsTo(p, nil); !around(d, c.after) {
					t.Errorf("the connection was closed after %v, not %v", d, c.after)
				}
				out := p.Output()
				if c.status != "" {
					if r := oneResponse(t, out, p.Ended(), "POST"); r.status != 408 || r.get("connection") != "close" {
						t.Errorf("%q", out)
					}
					p.Advance(longer)
					var why *http1.Error
					if err := p.Cause(); !isError(err, http1.ErrTimeout) || !asError(err, &why) || why.Status != 408 {
						t.Errorf("the cause is %v", err)
					}
				} else if out != "" && c.in != "\r" {
					t.Errorf("%q", out) // a client would take it for the answer to a request that is on its way
				}
			})
		}
	}
}

// Slow loris: a byte now and then does not put the end of a head off.
func TestSlowHead(t *testing.T) {
	p := serve(t, &http1.Server{Timeouts: timed}, text)
	p.Feed("GET / HTTP/1.1\r\nHost: h\r\nX: ")
	d := stepsTo(p, func() { p.Feed("x") })
	if r := oneResponse(t, p.Output(), true, "GET"); !around(d, timed.Head) || r.status != 408 {
		t.Errorf("%v: %+v", d, r)
	}

	p = serve(t, &http1.Server{Timeouts: timed}, text)
	p.Feed(get())
	p.Output()
	n := 0
	d = stepsTo(p, func() {
		if n++; n%2 == 0 {
			p.Feed("\r\n")
		}
	})
	if !around(d, timed.Head) && d > 20*time.Second { // it may also be that there are too many
		t.Errorf("empty lines keep a connection for %v", d)
	}
}

// A body may take as long as it likes, as long as something comes.
func TestSlowBody(t *testing.T) {
	for _, stream := range []bool{false, true} {
		w := witness{way: way{stream: stream}}
		p := serve(t, &http1.Server{Timeouts: timed, Stream: stream}, w.handle)
		p.Feed(post("Content-Length: 20\r\n", ""))
		for range 20 {
			p.Advance(timed.Body - 2*time.Second)
			p.Feed("x")
		}
		if r := oneResponse(t, p.Output(), p.Ended(), "POST"); r.status != 200 {
			t.Errorf("%+v", r)
		}
	}
}

// A connection that is used does not time out, and neither does one whose handler takes its time.
func TestNoTimeout(t *testing.T) {
	p := serve(t, &http1.Server{Timeouts: timed}, text)
	for range 20 {
		p.Advance(timed.FirstByte - 2*time.Second)
		p.Feed(get())
		oneResponse(t, p.Output(), p.Ended(), "GET")
	}
	for range 5 {
		p.Advance(timed.Idle - 2*time.Second)
		p.Feed(get())
		oneResponse(t, p.Output(), p.Ended(), "GET")
	}

	for _, behind := range []string{"", get(), "GET / HT"} {
		var later func()
		p = serve(t, &http1.Server{Timeouts: timed}, func(c *http1.Ctx, r *http1.Request) error {
			later = func() { text(c, r) }
			return nil
		})
		p.Feed(get() + behind)
		p.Advance(time.Hour)
		if out := p.Output(); p.Ended() || out != "" {
			t.Fatalf("a handler took its time: %q, ended %v", out, p.Ended())
		}
		later()
		p.Advance(time.Second)
		oneResponse(t, p.Output(), p.Ended(), "GET")
		if p.Ended() {
			t.Errorf("%q: the time of the handler was counted", behind)
		}
	}

	p = serve(t, &http1.Server{Timeouts: http1.Timeouts{FirstByte: -1, Head: -1, Body: -1, Idle: -1}}, text)
	p.Advance(24 * time.Hour)
	p.Feed("GET / HTTP/1.1\r\nHost")
	p.Advance(24 * time.Hour)
	p.Feed(": h\r\nContent-Length: 5\r\n\r\n")
	p.Advance(24 * time.Hour)
	p.Feed("hello")
	p.Advance(24 * time.Hour)
	if out := p.Output(); p.Ended() || !strings.Contains(out, "hello") {
		t.Errorf("without timeouts: %q, ended %v", out, p.Ended())
	}
}

// While the handler does not want the body, nobody is late.
func TestNoBodyTimeoutForHandlers(t *testing.T) {
	for _, expect := range []string{"", "Expect: 100-continue\r\n"} {
		var later func()
		w := witness{way: way{stream: true}}
		p := serve(t, &http1.Server{Timeouts: timed, Stream: true}, func(c *http1.Ctx, r *http1.Request) error {
			later = func() { w.handle(c, r) }
			return nil
		})
		p.Feed(post(expect+"Content-Length: 5\r\n", ""))
		p.Advance(2 * timed.Body)
		if out := p.Output(); out != "" || p.Ended() {
			t.Fatalf("%q, ended %v", out, p.Ended())
		}
		p.Do(func(*channel.Channel) { later() })
		p.Feed("hello")
		if out := strings.TrimPrefix(p.Output(), continued); !strings.HasPrefix(out, "HTTP/1.1 200") {
			t.Errorf("%q", out)
		}
	}
}

// A peer that is slow to take its answers is not told that it is slow to send.
func TestSlowReader(t *testing.T) {
	p := serve(t, &http1.Server{Timeouts: timed}, func(c *http1.Ctx, r *http1.Request) error {
		return c.Write(r.Text(200, strings.Repeat("x", 50_000)))
	})
	p.Stall()
	p.Feed(strings.Repeat(get(), 5))
	p.Advance(timed.Head + 5*time.Second)
	p.Unstall()
	all, err := parseResponses(p.Output(), p.Ended(), nil)
	if err != nil || len(all) != 5 || p.Ended() {
		t.Fatalf("%v, %d responses, ended %v", err, len(all), p.Ended())
	}
	for i, r := range all {
		if r.status != 200 {
			t.Errorf("response %d is a %d", i+1, r.status)
		}
	}
}

// The time that an answer takes to be sent is not time that the connection is idle.
func TestSlowDownload(t *testing.T) {
	p := serve(t, &http1.Server{Timeouts: timed}, func(c *http1.Ctx, r *http1.Request) error {
		return c.Write(r.Text(200, strings.Repeat("x", 500_000)))
	})
	p.Stall()
	p.Feed(get())
	p.Advance(timed.Idle + 5*time.Second)
	p.Unstall()
	oneResponse(t, p.Output(), p.Ended(), "GET")
	p.Feed(get())
	oneResponse(t, p.Output(), p.Ended(), "GET")
}

// A peer that takes nothing of its answer does not keep it for ever, whatever the answer is made of. One that takes a little
// now and then does.
func TestSendTimeout(t *testing.T) {
	for _, b := range bodies {
		for _, takes := range []bool{false, true} {
			var p *pipelinetest.Pipe
			times := timed
			times.Send = 30 * time.Second
			p = serve(t, &http1.Server{Timeouts: times}, func(c *http1.Ctx, r *http1.Request) error {
				resp := r.Reply(200)
				b.make(t, &p, c, resp, strings.Repeat("x", 400_000))
				return c.Write(resp)
			})
			p.Stall()
			p.Feed(get())
			for range 20 {
				if takes {
					p.Conn.Wire.Add(channeltest.Take(1000), channeltest.Again())
					p.Unstall()
				}
				p.Advance(20 * time.Second)
			}
			if p.Closed() == takes {
				t.Errorf("%s, to a peer that takes something: %v; closed: %v", b.name, takes, p.Closed())
			}
		}
	}
}
