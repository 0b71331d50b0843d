package http1_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// A handler that fails: 500, or what its error says, and the connection ends.
func TestHandlerFails(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{errHandler, 500},
		{&http1.Error{Status: 403, What: "not for you", At: -1}, 403},
		{fmt.Errorf("wrapped: %w", &http1.Error{Status: 404, What: "not here", At: -1}), 404},
		{&http1.Error{Status: 503, What: "secret", At: -1}, 503},
		{&http1.Error{Status: 200, What: "no error", At: -1}, 500},
		{&http1.Error{Status: 0, What: "none", At: -1}, 500},
		{&http1.Error{Status: 1000, What: "none", At: -1}, 500},
		{&http1.Error{Status: 400, What: "a\r\nb", At: -1}, 400},
	} {
		for _, in := range []string{get(), post("Content-Length: 5\r\n", "hello"), chunks("5\r\nhello\r\n0\r\n\r\n"), line("HEAD / HTTP/1.1")} {
			for _, stream := range []bool{false, true} {
				p := serve(t, &http1.Server{Stream: stream}, func(*http1.Ctx, *http1.Request) error { return c.err })
				p.Feed(in + get())
				out := p.Output()
				method, _, _ := strings.Cut(in, " ")
				if r := oneResponse(t, out, p.Ended(), method); r.status != c.want || !p.Ended() || c.want >= 500 && strings.Contains(r.body, "secret") {
					t.Errorf("%v, %q: %q, ended %v", c.err, in, out, p.Ended())
				}
				p.Advance(longer)
				if !errors.Is(p.Cause(), c.err) {
					t.Errorf("the cause is %v, not %v", p.Cause(), c.err)
				}
			}
		}
	}
}

// An error behind the answer cannot change it.
func TestHandlerFailsAfterAnswer(t *testing.T) {
	p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
		text(c, r)
		return errHandler
	})
	p.Feed(get() + get())
	if r := oneResponse(t, p.Output(), p.Ended(), "GET"); r.status != 200 || !p.Ended() {
		t.Errorf("%+v, ended %v", r, p.Ended())
	}
}

// A handler of a streamed body that fails.
func TestOnBodyFails(t *testing.T) {
	for _, in := range []string{get(), post("Content-Length: 5\r\n", "hello"), post("Content-Length: 5\r\n", "hel"), chunks("5\r\nhello\r\n0\r\n\r\n")} {
		for _, late := range []bool{false, true} {
			p := serve(t, &http1.Server{Stream: true}, func(c *http1.Ctx, r *http1.Request) error {
				f := func() {
					r.OnBody(func(piece *buffer.Buf, _ bool) error {
						if piece != nil {
							piece.Release()
						}
						return errHandler
					})
				}
				if late {
					c.Channel().AfterFunc(time.Second, f)
				} else {
					f()
				}
				return nil
			})
			p.Feed(in)
			p.Advance(2 * time.Second)
			out := p.Output()
			if r := oneResponse(t, out, p.Ended(), "GET"); r.status != 500 || !p.Ended() {
				t.Errorf("%q, late %v: %q, ended %v", in, late, out, p.Ended())
			}
		}
	}
}

// A panic closes the connection, and loses nothing.
func TestHandlerPanics(t *testing.T) {
	for _, in := range []string{get(), get() + get(), post("Content-Length: 5\r\n", "hello"), chunks("5\r\nhello\r\n0\r\nA: b\r\n\r\n") + get()} {
		for _, stream := range []bool{false, true} {
			p := serve(t, &http1.Server{Stream: stream}, func(_ *http1.Ctx, r *http1.Request) error {
				if string(r.Target) == "/" {
					panic("oh")
				}
				return nil
			})
			p.Feed(in)
			if !p.Ended() || len(p.Loop.Panics()) != 1 {
				t.Errorf("%q: ended %v", in, p.Ended())
			}
		}
	}
}

// A second answer to one request, or one to nobody, is refused and released.
func TestAnswerTwice(t *testing.T) {
	var p *pipelinetest.Pipe
	answers := func(c *http1.Ctx, r *http1.Request) error {
		if err := c.Write(r.Text(200, "first")); err != nil {
			t.Error(err)
		}
		second := &http1.Response{Status: 200, Body: p.Buf("second")}
		if err := c.Write(second); !errors.Is(err, http1.ErrAnswered) {
			t.Errorf("a second answer: %v", err)
		}
		third := &http1.Response{Status: 200, File: p.Loop.File("third")}
		if err := c.Write(third); !errors.Is(err, http1.ErrAnswered) {
			t.Errorf("a third answer: %v", err)
		}
		fourth := &http1.Response{Status: 200, Source: &parts{t: t}}
		if err := c.Write(fourth); !errors.Is(err, http1.ErrAnswered) {
			t.Errorf("a fourth answer: %v", err)
		}
		return nil
	}
	p = serve(t, nil, answers)
	p.Feed(get() + get())
	all, err := parseResponses(p.Output(), p.Ended(), nil)
	if err != nil || len(all) != 2 || all[1].body != "first" {
		t.Errorf("%v %+v", err, all)
	}
}

// A response that did not come from Request.Reply will do as well.
func TestOwnResponse(t *testing.T) {
	var p *pipelinetest.Pipe
	p = serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
		resp := &http1.Response{Status: 200, Body: p.Buf("own")}
		resp.Header.Add("X", "y")
		return c.Write(resp)
	})
	p.Feed(get() + get())
	all, err := parseResponses(p.Output(), p.Ended(), nil)
	if err != nil || len(all) != 2 || all[1].body != "own" || all[1].get("x") != "y" {
		t.Errorf("%v %+v", err, all)
	}
}

// Answers that come when the connection is gone are released, and say that it is closed.
func TestAnswerTooLate(t *testing.T) {
	for name, end := range map[string]func(p *pipelinetest.Pipe){
		"the peer breaks":    func(p *pipelinetest.Pipe) { p.Break(errHandler) },
		"the program closes": func(p *pipelinetest.Pipe) { p.Do(func(ch *channel.Channel) { ch.Close(nil) }) },
		"the program aborts": func(p *pipelinetest.Pipe) { p.Do(func(ch *channel.Channel) { ch.Abort(nil) }) },
	} {
		for _, in := range []string{get(), post("Content-Length: 5\r\n", "hello"), chunks("5\r\nhello\r\n0\r\nA: b\r\n\r\n"), get() + get()} {
			t.Run(name, func(t *testing.T) {
				var later []func() error
				var p *pipelinetest.Pipe
				p = serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
					later = append(later,
						func() error { return c.Write(r.Text(200, "late")) },
						func() error { resp := r.Reply(200); resp.Body = p.Buf("late"); return c.Write(resp) },
						func() error { resp := r.Reply(200); resp.File = p.Loop.File("late"); return c.Write(resp) },
						func() error { resp := r.Reply(200); resp.Source = &parts{t: t}; return c.Write(resp) },
						func() error { return r.Upgrade(r.Reply(101)) })
					return nil
				})
				p.Feed(in)
				end(p)
				for i, f := range later {
					if err := f(); err == nil {
						t.Errorf("answer %d: no error", i)
					}
				}
				p.Advance(longer)
				for i, f := range later {
					if err := f(); err == nil {
						t.Errorf("answer %d, still later: no error", i)
					}
				}
			})
		}
	}
}

// A write that the queue has no room for ends the connection: part of the response may be in it.
func TestAnswerTooLarge(t *testing.T) {
	for _, fails := range []bool{false, true} {
		var p *pipelinetest.Pipe
		server := &http1.Server{}
		p = pipelinetest.Config{Options: channel.Options{Marks: channel.Watermark{Low: 100, High: 1000, Max: 2000}}}.New(t, server.Stage(),
			http1.Serve(func(c *http1.Ctx, r *http1.Request) error {
				resp := r.Reply(200)
				resp.Body = p.Buf(strings.Repeat("x", 5000))
				err := c.Write(resp)
				if !errors.Is(err, channel.ErrOutboundFull) {
					t.Errorf("the error is %v", err)
				}
				if fails {
					return err
				}
				return nil
			}))
		p.Feed(get() + get())
		p.Advance(longer)
		out := p.Output()
		if all, err := parseResponses(out, false, nil); !p.Closed() || !p.Aborted() && len(out) > 0 && (err != nil || len(all) != 1 || all[0].status != 500) {
			t.Errorf("%v: %q, closed %v, aborted %v, %v", fails, out, p.Closed(), p.Aborted(), err)
		}
	}
}

// The peer breaks while an answer leaves: all is released.
func TestPeerBreaks(t *testing.T) {
	for _, b := range bodies {
		for _, steps := range [][]channeltest.Step{
			{channeltest.Fail(errHandler)},
			{channeltest.Take(10), channeltest.Fail(errHandler)},
			{channeltest.Take(200), channeltest.Fail(errHandler)},
			{channeltest.Take(150), channeltest.Again(), channeltest.Take(10_000), channeltest.Fail(errHandler)},
		} {
			var p *pipelinetest.Pipe
			server := &http1.Server{}
			p = pipelinetest.Config{Steps: steps}.New(t, server.Stage(), http1.Serve(func(c *http1.Ctx, r *http1.Request) error {
				resp := r.Reply(200)
				b.make(t, &p, c, resp, strings.Repeat("x", 200_000))
				return c.Write(resp)
			}))
			p.Feed(get() + get())
			p.Unstall()
			if !p.Closed() {
				t.Errorf("%s, %v: not closed", b.name, steps)
			}
		}
	}
}

// A server that stops lets the request be answered that it has begun.
func TestDrain(t *testing.T) {
	var later func()
	p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
		later = func() { text(c, r) }
		return nil
	})
	p.Feed(get())
	p.Conn.Port.Drain()
	p.Advance(100 * time.Millisecond)
	later()
	p.Advance(time.Second)
	if out := p.Output(); out == "" {
		t.Error("the answer is lost")
	} else if r := oneResponse(t, out, p.Ended(), "GET"); !p.Ended() || r.get("connection") != "close" {
		t.Errorf("%+v, ended %v", r, p.Ended())
	}
}

// The answer to a HEAD has no body, also if the request is refused (RFC 9112 section 6.3, rule 1).
func TestRefusedHEAD(t *testing.T) {
	for _, c := range []struct {
		in     string
		status int
		eof    bool
	}{
		{in: "HEAD / HTTP/1.1\r\n\r\n", status: 400},
		{in: line("HEAD / HTTP/1.1\r\nContent-Length: x"), status: 400},
		{in: line("HEAD / HTTP/1.1\r\nA : b"), status: 400},
		{in: line("HEAD / HTTP/2.0"), status: 505},
		{in: line("HEAD /" + strings.Repeat("x", 10_000) + " HTTP/1.1"), status: 414},
		{in: line("HEAD / HTTP/1.1\r\nContent-Length: 2000000"), status: 413},
		{in: line("HEAD / HTTP/1.1\r\nTransfer-Encoding: chunked") + "x", status: 400},
		{in: "\r\nHEAD / HTTP/1.1\r\nHost: h\r\n", status: 400, eof: true},
		{in: "HEAD / HTTP/1.1\r\nHost: h\r\n", status: 408},
	} {
		for _, w := range ways(len(c.in)) {
			if w.late || w.pause {
				continue
			}
			p := serve(t, nil, text)
			w.feed(p, c.in)
			if c.eof {
				p.EOF()
			}
			p.Advance(longer)
			out := p.Output()
			if _, body, ok := strings.Cut(out, "\r\n\r\n"); !ok || body != "" || !strings.HasPrefix(out, fmt.Sprint("HTTP/1.1 ", c.status)) ||
				!strings.Contains(out, "Content-Length: ") || !p.Ended() {
				t.Errorf("%.100q, %s: %q, ended %v", c.in, w.name, out, p.Ended())
				break
			}
		}
	}
}

// What an Error says may be long.
func TestLongError(t *testing.T) {
	what := strings.Repeat("x", 200_000)
	p := serve(t, nil, func(*http1.Ctx, *http1.Request) error { return &http1.Error{Status: 403, What: what} })
	p.Feed(get())
	if r := oneResponse(t, p.Output(), p.Ended(), "GET"); r.status != 403 || r.body != what+"\n" {
		t.Errorf("%d, %d bytes", r.status, len(r.body))
	}
}

// Bytes are sent from where they lie, with their type, also none at all, and not to HEAD.
func TestBytes(t *testing.T) {
	for _, text := range []string{"", `{"a":1}`, strings.Repeat("x", 100_000)} {
		for _, in := range []string{get(), line("HEAD / HTTP/1.1")} {
			p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
				return c.Write(r.Bytes(200, "application/json", []byte(text)))
			})
			p.Feed(in)
			method, _, _ := strings.Cut(in, " ")
			out := p.Output()
			r := oneResponse(t, out, p.Ended(), method)
			want := text
			if method == "HEAD" {
				want = ""
			}
			if r.status != 200 || r.body != want || !strings.Contains(out, fmt.Sprintf("Content-Length: %d\r\n", len(text))) ||
				!strings.Contains(out, "Content-Type: application/json\r\n") {
				t.Errorf("%s of %d bytes: %.200q", method, len(text), out)
			}
		}
	}
	p := serve(t, nil, func(c *http1.Ctx, _ *http1.Request) error { // of a request that was made for a test, say
		return c.Write(new(http1.Request).Bytes(200, "text/plain", []byte("hello")))
	})
	p.Feed(get())
	if r := oneResponse(t, p.Output(), p.Ended(), "GET"); r.status != 200 || r.body != "hello" {
		t.Errorf("%+v", r)
	}
}
