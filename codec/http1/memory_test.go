package http1_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// held returns how many bytes and handles are in use by the connections of a loop, beyond what the loop itself has.
func held(p *pipelinetest.Pipe) (bytes int64, handles int) {
	p.Loop.Cache().Publish()
	s := p.Loop.Pool.Stats()
	return s.Live, s.Handles
}

// TestIdleHoldsNothing: a connection that waits for a request has no buffer, whatever it has done before.
func TestIdleHoldsNothing(t *testing.T) {
	for _, in := range []string{"", get(), browser, strings.Repeat(browser, 20), post("Content-Length: 5\r\n", "hello"),
		chunks("5\r\nhello\r\n0\r\nA: b\r\n\r\n"), post("Content-Length: 100000\r\n", strings.Repeat("x", 100_000)),
		get("X: " + strings.Repeat("x", 20_000) + "\r\n"), line("HEAD / HTTP/1.1"), "\r\n\r\n"} {
		for _, w := range []way{{name: "whole", feed: whole}, {name: "byte by byte", feed: each}, {name: "late", feed: whole, late: true}, {name: "streamed", feed: whole, stream: true}} {
			server := &http1.Server{Stream: w.stream}
			tr := witness{way: w}
			p := serve(t, server, tr.handle)
			bytes, handles := held(p)
			w.feed(p, in)
			for range 25 {
				p.Advance(2 * answerAfter)
			}
			p.Output()
			b, h := held(p)
			if h != handles {
				t.Errorf("%s, %.50q: %d handles and %d bytes are held by an idle connection", w.name, in, h-handles, b-bytes)
			}
		}
	}
}

// TestIdleHead: a head that dribbles in holds one block of about its size, not the one of 64 KiB that the loop reads into.
func TestIdleHead(t *testing.T) {
	l := pipelinetest.New(t, (&http1.Server{}).Stage(), http1.Serve(text))
	const n = 200
	pipes := make([]*pipelinetest.Pipe, n)
	for i := range pipes {
		pipes[i] = pipelinetest.Config{Loop: l.Loop}.New(t, (&http1.Server{}).Stage(), http1.Serve(text))
	}
	l.Feed(get()) // the loop has its block to read into
	before, handles := held(l)
	for i := range 60 {
		for _, p := range pipes {
			p.Feed(browser[i : i+1])
		}
	}
	bytes, h := held(l)
	if per := (bytes - before) / n; per > 256 || h-handles != n {
		t.Errorf("60 bytes of a head hold %d bytes, in %d buffers of %d connections", per, h-handles, n)
	}
}

// TestIdleBody: the same for bodies that dribble in.
func TestIdleBody(t *testing.T) {
	for _, head := range []string{post("Content-Length: 1000\r\n", ""), chunks("3e8\r\n"), post("Content-Length: 1000\r\n", "x"), chunks("1\r\nx\r\n1\r\ny\r\n")} {
		server := &http1.Server{}
		l := pipelinetest.New(t, server.Stage(), http1.Serve(text))
		const n = 100
		l.Feed(get())
		before, _ := held(l)
		for range n {
			p := pipelinetest.Config{Loop: l.Loop}.New(t, server.Stage(), http1.Serve(text))
			p.Feed(head)
			p.Feed("x")
		}
		bytes, _ := held(l)
		if per := (bytes - before) / n; per > 512 {
			t.Errorf("%q and a byte of a body hold %d bytes", head, per)
		}
	}
}

// TestIdleBodyPieces: a body that comes in small pieces takes about its size.
func TestIdleBodyPieces(t *testing.T) {
	p := serve(t, nil, text)
	before, _ := held(p)
	p.Feed(post("Content-Length: 100000\r\n", ""))
	for range 9999 {
		p.Feed("0123456789")
	}
	bytes, handles := held(p)
	if bytes-before > 400_000 || handles > 20 {
		t.Errorf("99,990 bytes of a body hold %d bytes in %d buffers", bytes-before, handles)
	}
	p.Feed("0123456789")
	oneResponse(t, p.Output(), p.Ended(), "POST")
}

// TestIdleHandler: a request that waits for its answer holds its head, in a block of that size.
func TestIdleHandler(t *testing.T) {
	l := pipelinetest.New(t, (&http1.Server{}).Stage(), http1.Serve(text))
	var later []func()
	server := &http1.Server{}
	const n = 100
	l.Feed(get()) // the loop has its block to read into
	before, _ := held(l)
	for range n {
		p := pipelinetest.Config{Loop: l.Loop}.New(t, server.Stage(), http1.Serve(func(c *http1.Ctx, r *http1.Request) error {
			later = append(later, func() { text(c, r) })
			return nil
		}))
		p.Feed(browser)
	}
	bytes, _ := held(l)
	if per := (bytes - before) / n; per > 512 {
		t.Errorf("a request of %d bytes that waits for its answer holds %d", len(browser), per)
	}
	for _, f := range later {
		f()
	}
	l.Advance(time.Second)
}

// TestIdleSource: a Source whose peer takes nothing holds about what the channel may queue.
func TestIdleSource(t *testing.T) {
	s, handler := sources(t, -1, func(c *http1.Ctx) []func() (channel.Part, error) { return endless(c, 1000) })
	p := serve(t, nil, handler)
	p.Stall()
	before, _ := held(p)
	p.Feed(get())
	if bytes, _ := held(p); bytes-before > 200_000 {
		t.Errorf("%d bytes are held, asked %d times", bytes-before, s.asked)
	}
}

// The pool at its limit costs the connection that wants more, and nothing else.
func TestPoolAtLimit(t *testing.T) {
	l := channeltest.NewLoop(t, func(c *channel.LoopConfig) { c.Pool = &buffer.Pool{Limit: 8 << 20} })
	p := pipelinetest.Config{Loop: l}.New(t, (&http1.Server{}).Stage(), http1.Serve(func(c *http1.Ctx, r *http1.Request) error {
		resp := r.Reply(200)
		resp.Body = c.Alloc(16 << 20)
		return c.Write(resp)
	}))
	p.Feed(get())
	if panics := l.Panics(); len(panics) != 1 || !strings.Contains(panics[0], buffer.ErrLimit.Error()) {
		t.Errorf("%q", panics)
	}
	if out := p.Output(); !p.Ended() || out != "" && !strings.HasPrefix(out, "HTTP/1.1 500") {
		t.Errorf("%q, ended %v", out, p.Ended())
	}
}
