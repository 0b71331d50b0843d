package http1_test

import (
	"io"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// burst is a read of an engine, and the turn of its loop.
func burst(p *pipelinetest.Pipe, in string) {
	p.Conn.Received(p.Loop.Received(in))
	p.Conn.ReceivedEnd()
	p.Loop.Loop.Turn()
}

const browser = "GET /search?q=ropewalk HTTP/1.1\r\nHost: example.org\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\n" +
	"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.5\r\n" +
	"Accept-Encoding: gzip, deflate, br, zstd\r\nConnection: keep-alive\r\nCookie: session=0123456789abcdef\r\nSec-Fetch-Mode: navigate\r\n\r\n"

// lines is a Source that is used again.
type lines struct {
	c    *http1.Ctx
	left int
}

func (l *lines) Next() (channel.Part, error) {
	if l.left == 0 {
		return nil, io.EOF
	}
	l.left--
	b := l.c.Alloc(100)
	b.WriteString("a line of some text, and another one behind it, to make it longer\n")
	return b, nil
}

func (l *lines) Release() {}

// In a steady state nothing is allocated on the Go heap.
func TestNoAllocations(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	hello := func(c *http1.Ctx, r *http1.Request) error { return c.Write(r.Text(200, "Hello, World!")) }
	source := new(lines)
	var answer func(piece *buffer.Buf, end bool) error
	var ctx *http1.Ctx
	var request *http1.Request
	answer = func(piece *buffer.Buf, end bool) error {
		if piece != nil {
			piece.Release()
		}
		if end {
			return hello(ctx, request)
		}
		return nil
	}
	for _, c := range []struct {
		name    string
		in      string
		stream  bool
		handler func(*http1.Ctx, *http1.Request) error
	}{
		{"hello", get(), false, hello},
		{"hello, 16 in a burst", strings.Repeat(get(), 16), false, hello},
		{"hello to a browser", browser, false, hello},
		{"hello to 16 browsers in a burst", strings.Repeat(browser, 16), false, hello},
		{"HEAD", line("HEAD / HTTP/1.1"), false, hello},
		{"1.0", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", false, hello},
		{"fields", browser, false, func(c *http1.Ctx, r *http1.Request) error {
			resp := r.Text(404, "no")
			resp.Header.Set("Content-Type", "text/plain")
			resp.Header.AddBytes("X-Cookie", r.Header.Get("Cookie"))
			resp.Header.AddInt("X-Length", int64(len(r.Path())+len(r.Query())))
			if r.Header.HasToken("Accept-Encoding", "gzip") && r.Header.Has("Accept") {
				resp.Header.Add("Vary", "Accept-Encoding")
			}
			return c.Write(resp)
		}},
		{"Buf", get(), false, func(c *http1.Ctx, r *http1.Request) error {
			resp := r.Reply(200)
			resp.Body = c.Alloc(100)
			resp.Body.WriteString("some text")
			return c.Write(resp)
		}},
		{"echo", post("Content-Length: 5\r\n", "hello"), false, func(c *http1.Ctx, r *http1.Request) error {
			resp := r.Reply(200)
			resp.Body = r.TakeBody()
			return c.Write(resp)
		}},
		{"chunks", chunks("5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n"), false, hello},
		{"streamed", post("Content-Length: 5\r\n", "hello"), true, func(c *http1.Ctx, r *http1.Request) error {
			ctx, request = c, r
			r.OnBody(answer)
			return nil
		}},
		{"not wanted", post("Content-Length: 5\r\n", "hello"), true, hello},
		{"204", get(), false, func(c *http1.Ctx, r *http1.Request) error { return c.Write(r.Reply(204)) }},
		{"Source", get(), false, func(c *http1.Ctx, r *http1.Request) error {
			resp := r.Reply(200)
			source.c, source.left = c, 3
			resp.Source = source
			return c.Write(resp)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := serve(t, &http1.Server{Stream: c.stream, Name: "ropewalk"}, c.handler)
			burst(p, c.in)
			if all, err := parseResponses(p.Output(), p.Ended(), []string{strings.SplitN(c.in, " ", 2)[0]}); err != nil || len(all) == 0 || p.Ended() {
				t.Fatalf("%v, %d responses, ended %v", err, len(all), p.Ended())
			}
			p.Conn.Wire.Discard()
			sent := p.Conn.Wire.Total()
			if n := testing.AllocsPerRun(200, func() { burst(p, c.in) }); n != 0 {
				t.Errorf("%v allocations", n)
			}
			if n := p.Conn.Wire.Total() - sent; n < 200*50 || p.Ended() {
				t.Errorf("%d bytes were sent, ended %v", n, p.Ended())
			}
		})
	}
}

// Answers that come late, as of a handler that asks somebody else, allocate nothing either.
func TestNoAllocationsLate(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	var ctx *http1.Ctx
	var request *http1.Request
	p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
		ctx, request = c, r
		return nil
	})
	p.Conn.Wire.Discard()
	round := func() {
		burst(p, browser)
		if err := ctx.Write(request.Text(200, "late")); err != nil {
			t.Error(err)
		}
		p.Loop.Loop.Turn()
	}
	round()
	if n := testing.AllocsPerRun(200, round); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if p.Conn.Wire.Total() < 200*50 {
		t.Errorf("%d bytes were sent", p.Conn.Wire.Total())
	}
}

// BenchmarkServer is the way of a request without the kernel: read, parse, handle, answer, queue, send.
func BenchmarkServer(b *testing.B) {
	for name, in := range map[string]string{"hello": get(), "pipelined": strings.Repeat(get(), 16), "browser": browser} {
		b.Run(name, func(b *testing.B) {
			p := serve(b, nil, func(c *http1.Ctx, r *http1.Request) error { return c.Write(r.Text(200, "Hello, World!")) })
			p.Conn.Wire.Discard()
			n := strings.Count(in, "GET ")
			b.ReportAllocs()
			for b.Loop() {
				burst(p, in)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/request")
			b.ReportMetric(0, "ns/op")
		})
	}
}
