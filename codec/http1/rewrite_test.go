package http1_test

import (
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
)

// A handler may change a request, as proxies and routers do, and answer it later, when its head has been moved.
func TestRewrittenRequest(t *testing.T) {
	for _, change := range []func(*http1.Request){
		func(r *http1.Request) { r.Target = []byte("/changed") },
		func(r *http1.Request) { r.Target = r.Target[1:] },
		func(r *http1.Request) { r.Method = "PUT" },
		func(r *http1.Request) { r.Header.Add("X-Added", "1") },
		func(r *http1.Request) { r.Header.Set("Host", "other") },
		func(r *http1.Request) { r.Header.Del("Host") },
	} {
		for _, in := range []string{get(), post("Content-Length: 5\r\n", "hello")} {
			render := func(r *http1.Request) string {
				var b strings.Builder
				b.WriteString(r.Method + " " + string(r.Target))
				for name, value := range r.Header.All() {
					b.WriteString(" " + string(name) + "=" + string(value))
				}
				return b.String()
			}
			var want, got string
			var later func()
			p := serve(t, &http1.Server{Stream: true}, func(c *http1.Ctx, r *http1.Request) error {
				change(r)
				want = render(r)
				later = func() {
					got = render(r)
					if err := c.Write(r.Reply(204)); err != nil {
						t.Error(err)
					}
				}
				return nil
			})
			p.Feed(in)
			p.Do(func(*channel.Channel) { later() })
			if got != want {
				t.Errorf("%q: later it was %q, not %q", in, got, want)
			}
			if out := p.Output(); !strings.HasPrefix(out, "HTTP/1.1 204") {
				t.Errorf("%q", out)
			}
		}
	}
}

// How an answer is framed depends on the request that was received, whatever a handler has made of it: a client that has asked for
// GET waits for a body.
func TestRewrittenFraming(t *testing.T) {
	for _, c := range []struct {
		in, method string
		change     func(*http1.Request)
		body       string
		close      bool
	}{
		{get(), "GET", func(r *http1.Request) { r.Method = "HEAD" }, "hello", false},
		{line("HEAD / HTTP/1.1"), "HEAD", func(r *http1.Request) { r.Method = "GET" }, "", false},
		{get(), "GET", func(r *http1.Request) { r.Method = "CONNECT" }, "hello", false},
		{get(), "GET", func(r *http1.Request) { r.Minor = 0 }, "hello", false},
		{line("GET / HTTP/1.0"), "GET", func(r *http1.Request) { r.Minor = 1 }, "hello", true},
	} {
		p := serve(t, nil, func(ctx *http1.Ctx, r *http1.Request) error {
			c.change(r)
			return ctx.Write(r.Text(200, "hello"))
		})
		p.Feed(c.in)
		r := oneResponse(t, p.Output(), p.Ended(), c.method)
		if r.body != c.body || r.get("content-length") != "5" || p.Ended() != c.close {
			t.Errorf("%q: %+v, ended %v", c.in, r, p.Ended())
		}
	}
}

// A body may be larger than what a channel queues, if nothing else is queued.
func TestLargeBody(t *testing.T) {
	p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
		resp := r.Reply(200)
		resp.Body = c.Alloc(0)
		resp.Body.WriteString(strings.Repeat("x", 20<<20))
		return c.Write(resp)
	})
	p.Feed(get())
	if r := oneResponse(t, p.Output(), p.Ended(), "GET"); len(r.body) != 20<<20 || p.Ended() {
		t.Errorf("%d bytes, ended %v", len(r.body), p.Ended())
	}
}
