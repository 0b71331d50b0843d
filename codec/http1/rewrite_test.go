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
