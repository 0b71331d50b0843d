package http1_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// shouter is another protocol: it writes what it reads in upper case.
type shouter struct {
	pipeline.Context[pipeline.None, *buffer.Buf]
	opened bool
	closed int
	ended  bool
}

func (s *shouter) Open() error {
	s.opened = true
	return nil
}

func (s *shouter) Read(b *buffer.Buf) error {
	if !s.opened {
		b.Release()
		return errors.New("read before it was opened")
	}
	out := s.Alloc(b.Len())
	out.WriteString(strings.ToUpper(b.Text(0, b.Len())))
	b.Release()
	return s.Write(out)
}

func (s *shouter) EOF() error   { s.ended = true; return nil }
func (s *shouter) Closed(error) { s.closed++ }

const wantsUpgrade = "Connection: Upgrade\r\nUpgrade: shout\r\n"

// upgrades hands connections over that want it.
func upgrades(t testing.TB, late bool, with *shouter) func(*http1.Ctx, *http1.Request) error {
	return func(c *http1.Ctx, r *http1.Request) error {
		var resp func() *http1.Response
		switch {
		case r.Method == "CONNECT":
			resp = func() *http1.Response { return r.Reply(200) }
		case r.Header.HasToken("Connection", "upgrade") && r.Header.HasToken("Upgrade", "shout"):
			resp = func() *http1.Response {
				resp := r.Reply(101)
				resp.Header.Add("Connection", "Upgrade")
				resp.Header.Add("Upgrade", "shout")
				return resp
			}
		default:
			return text(c, r)
		}
		f := func() error { return r.Upgrade(resp(), with) }
		if !late {
			return f()
		}
		c.Channel().AfterFunc(time.Second, func() {
			if err := f(); err != nil {
				t.Error(err)
			}
		})
		return nil
	}
}

// Connections are handed over with whatever comes behind the request, cut in any way.
func TestUpgrade(t *testing.T) {
	for _, c := range []struct{ name, in, status string }{
		{"upgrade", get(wantsUpgrade), "101"},
		{"upgrade behind another", get() + get(wantsUpgrade), "101"},
		{"upgrade in lower case", get("connection: keep-alive, upgrade\r\nupgrade: x, SHOUT\r\n"), "101"},
		{"upgrade with an empty body", get(wantsUpgrade, "Content-Length: 0\r\n"), "101"},
		{"upgrade with a body", post(wantsUpgrade+"Content-Length: 5\r\n", "hello"), "101"},
		{"upgrade with chunks", post(wantsUpgrade+chunkedField, "5\r\nhello\r\n0\r\n\r\n"), "101"},
		{"CONNECT", line("CONNECT h:443 HTTP/1.1"), "200"},
		{"CONNECT to an address", line("CONNECT [::1]:443 HTTP/1.1"), "200"},
		{"CONNECT with close", "CONNECT h:443 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "200"},
		{"CONNECT behind another", get() + line("CONNECT h:1 HTTP/1.1"), "200"},
		{"CONNECT in 1.0", "CONNECT h:443 HTTP/1.0\r\n\r\n", "200"},
	} {
		t.Run(c.name, func(t *testing.T) {
			const behind = "get / http/1.1\r\nhost: h\r\n\r\n\x00 and so on"
			in := c.in + behind
			for _, w := range ways(len(in)) {
				if w.stream || w.pause {
					continue
				}
				with := new(shouter)
				p := serve(t, nil, upgrades(t, w.late, with))
				if w.stall {
					p.Stall()
				}
				w.feed(p, in)
				if w.stall {
					p.Unstall()
				}
				p.Advance(2 * time.Second)
				p.Feed("!more")
				p.Advance(longer) // the timeouts of the server are gone
				out := p.Output()
				front, tunnel, _ := strings.Cut(out, "HTTP/1.1 "+c.status)
				if c.status == "200" { // the answer to what is in front may be a 200 too
					front, tunnel = cutLast(out, "HTTP/1.1 200")
				}
				head, tunnel, _ := strings.Cut(tunnel, "\r\n\r\n")
				if tunnel != strings.ToUpper(behind)+"!MORE" || strings.Contains(head, "Content-Length") || strings.Contains(head, "Transfer-Encoding") ||
					strings.Contains(head, "close") || c.status == "101" && !strings.Contains(head, "Connection: Upgrade\r\n") || p.Ended() {
					t.Fatalf("%s: %q, ended %v", w.name, out, p.Ended())
				}
				if _, err := parseResponses(front, false, nil); err != nil {
					t.Fatalf("%s: %q: %v", w.name, front, err)
				}
				p.EOF()
				p.Advance(longer)
				if !with.ended || with.closed != 1 {
					t.Fatalf("%s: ended %v, closed %d times", w.name, with.ended, with.closed)
				}
			}
		})
	}
}

func cutLast(s, sep string) (string, string) {
	i := strings.LastIndex(s, sep)
	return s[:max(i, 0)], s[max(i, 0):]
}

// What cannot be handed over.
func TestUpgradeRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		in     string
		status int
		stream bool
		with   []pipeline.Stage
	}{
		{"a status that does not", get(), 200, false, []pipeline.Stage{new(shouter)}},
		{"an error", get(), 404, false, []pipeline.Stage{new(shouter)}},
		{"CONNECT refused", line("CONNECT h:443 HTTP/1.1"), 403, false, []pipeline.Stage{new(shouter)}},
		{"a body that was not read", post("Content-Length: 5\r\n", "hel"), 101, true, []pipeline.Stage{new(shouter)}},
		{"no stages", get(), 101, false, nil},
		{"stages that do not fit", get(), 101, false, []pipeline.Stage{http1.Serve(text)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := serve(t, &http1.Server{Stream: c.stream}, func(ctx *http1.Ctx, r *http1.Request) error {
				if err := r.Upgrade(r.Reply(c.status), c.with...); err == nil {
					t.Error("no error")
				}
				return ctx.Write(r.Text(400, "not so"))
			})
			p.Feed(c.in)
			if r := oneResponse(t, p.Output(), p.Ended(), "GET"); r.status != 400 || r.body != "not so" {
				t.Errorf("%+v", r)
			}
		})
	}
}

// 101, and 2xx to CONNECT, would leave a connection without a protocol if they were just written.
func TestUpgradeByWrite(t *testing.T) {
	for in, status := range map[string]int{get(wantsUpgrade): 101, line("CONNECT h:443 HTTP/1.1"): 200} {
		var p *pipelinetest.Pipe
		p = serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
			resp := r.Reply(status)
			resp.Body = p.Buf("x")
			err := c.Write(resp)
			if err == nil {
				t.Errorf("%d was accepted", status)
			}
			return err
		})
		p.Feed(in)
		if r := oneResponse(t, p.Output(), p.Ended(), "GET"); r.status != 500 || !p.Ended() {
			t.Errorf("%+v", r)
		}
	}
	// Behind a CONNECT that was refused nothing is read.
	p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error { return c.Write(r.Text(405, "no")) })
	p.Feed(line("CONNECT h:443 HTTP/1.1") + get())
	all, err := parseResponses(p.Output(), p.Ended(), nil)
	if err != nil || len(all) != 1 || all[0].body != "no" || all[0].get("connection") != "close" || !p.Ended() {
		t.Errorf("%v %+v, ended %v", err, all, p.Ended())
	}
}

// A CONNECT stays one, whatever a handler makes of it.
func TestRewrittenConnect(t *testing.T) {
	p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
		r.Method = "GET"
		if err := c.Write(r.Text(200, "hello")); !errors.Is(err, http1.ErrUpgrade) {
			t.Errorf("the error is %v", err)
		}
		return c.Write(r.Error(405))
	})
	p.Feed(line("CONNECT h:443 HTTP/1.1") + get())
	if r := oneResponse(t, p.Output(), p.Ended(), "CONNECT"); r.status != 405 || !p.Ended() {
		t.Errorf("%+v, ended %v", r, p.Ended())
	}
}

// A second upgrade, or an answer behind one, is refused.
func TestAnswerBehindUpgrade(t *testing.T) {
	with := new(shouter)
	p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
		if err := r.Upgrade(r.Reply(101), with); err != nil {
			return err
		}
		if err := c.Write(&http1.Response{Status: 200}); err == nil {
			t.Error("an answer behind an upgrade was accepted")
		}
		return nil
	})
	p.Feed(get(wantsUpgrade) + "x")
	if out := p.Output(); !strings.HasSuffix(out, "\r\n\r\nX") {
		t.Errorf("%q", out)
	}
}

// While an upgrade is under way late, the peer's end is not lost on the new protocol.
func TestUpgradeAfterEOF(t *testing.T) {
	with := new(shouter)
	p := serve(t, nil, upgrades(t, true, with))
	p.Feed(get(wantsUpgrade) + "hello")
	p.EOF()
	p.Advance(longer)
	if out := p.Output(); !strings.HasSuffix(out, "\r\n\r\nHELLO") || with.closed != 1 || !p.Ended() {
		t.Errorf("%q, closed %d times, ended %v", out, with.closed, p.Ended())
	}
}

// The pipeline is closed while an upgrade waits.
func TestUpgradeOfClosed(t *testing.T) {
	with := new(shouter)
	p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
		c.Channel().Close(nil)
		if err := r.Upgrade(r.Reply(101), with); !errors.Is(err, channel.ErrClosed) && !errors.Is(err, http1.ErrUpgrade) {
			t.Errorf("the error is %v", err)
		}
		return nil
	})
	p.Feed(get(wantsUpgrade) + "hello")
	if out := p.Output(); out != "" || with.opened || with.closed != 0 {
		t.Errorf("%q, %+v", out, with)
	}
}
