package http1_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
)

// A request with a body that the handler answers without looking at it: the rest is read over, if it is short, and the next
// request is found behind it.
func TestUnwantedBody(t *testing.T) {
	ten := strings.Repeat("x", 10)
	chunk10 := "a\r\n" + ten + "\r\n"
	for _, c := range []struct {
		name   string
		limits http1.Limits
		in     string
		keeps  bool
	}{
		{"length", http1.Limits{}, post("Content-Length: 10\r\n", ten), true},
		{"chunks", http1.Limits{}, chunks(chunk10 + "0\r\nA: b\r\n\r\n"), true},
		{"length up to the limit", http1.Limits{Discard: 10}, post("Content-Length: 10\r\n", ten), true},
		{"length over the limit", http1.Limits{Discard: 9}, post("Content-Length: 10\r\n", ten), false},
		{"chunks up to the limit", http1.Limits{Discard: 100}, chunks(strings.Repeat(chunk10, 10) + "0\r\n\r\n"), true},
		{"chunks over the limit", http1.Limits{Discard: 100}, chunks(strings.Repeat(chunk10, 11) + "0\r\n\r\n"), false},
		{"chunks over the limit, no limit of bodies", http1.Limits{Discard: 100, Body: -1}, chunks(strings.Repeat(chunk10, 1000) + "0\r\n\r\n"), false},
		{"one chunk over the limit", http1.Limits{Discard: 100, Body: -1}, chunks("fffffff\r\n"), false},
		{"length, nothing wanted", http1.Limits{Discard: -1}, post("Content-Length: 10\r\n", ten), false},
		{"chunks, nothing wanted", http1.Limits{Discard: -1}, chunks(chunk10 + "0\r\n\r\n"), false},
		{"bad chunk", http1.Limits{}, chunks(chunk10 + "x\r\n"), false},
		{"bad end of a chunk", http1.Limits{}, chunks("5\r\nhelloXX0\r\n\r\n"), false},
		{"bad trailer", http1.Limits{}, chunks("0\r\nA : b\r\n\r\n"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, w := range ways(len(c.in)) {
				if w.pause || w.late {
					continue
				}
				seen := 0
				p := serve(t, &http1.Server{Stream: true, Limits: c.limits}, func(ctx *http1.Ctx, r *http1.Request) error {
					seen++
					return ctx.Write(r.Text(200, "no"))
				})
				w.feed(p, c.in)
				p.Feed(after)
				want := 1
				if c.keeps {
					want = 2
				}
				all, err := parseResponses(p.Output(), p.Ended(), nil)
				if err != nil || len(all) != want || seen != want || p.Ended() == c.keeps {
					t.Fatalf("%s: %v, %d responses to %d requests, ended %v", w.name, err, len(all), seen, p.Ended())
				}
			}
		})
	}
}

// A peer that goes on sending what nobody wants is not read for ever.
func TestUnwantedBodyForEver(t *testing.T) {
	p := serve(t, &http1.Server{Stream: true, Limits: http1.Limits{Discard: 1000, Body: -1}}, func(c *http1.Ctx, r *http1.Request) error {
		return c.Write(r.Text(200, "no"))
	})
	p.Feed(chunks(""))
	for n := 0; !p.Ended(); n++ {
		if n > 100 {
			t.Fatalf("%d bytes of an unwanted body were read", n*100)
		}
		p.Feed("64\r\n" + strings.Repeat("x", 100) + "\r\n")
	}
}

// The handler may answer before the body has ended, and still get the rest of it.
func TestAnswerBeforeBody(t *testing.T) {
	var got string
	p := serve(t, &http1.Server{Stream: true}, func(c *http1.Ctx, r *http1.Request) error {
		if r.Announced() == 0 {
			return text(c, r)
		}
		r.OnBody(func(piece *buffer.Buf, end bool) error {
			if piece != nil {
				got += piece.Text(0, piece.Len())
				piece.Release()
			}
			if end {
				got += "."
			}
			return nil
		})
		return c.Write(r.Text(200, "early"))
	})
	for _, in := range []string{post("Content-Length: 5\r\n", "hello"), chunks("2\r\nhe\r\n3\r\nllo\r\n0\r\nA: b\r\n\r\n")} {
		for _, w := range ways(len(in)) {
			got = ""
			w.feed(p, in)
			p.Feed(get())
			all, err := parseResponses(p.Output(), p.Ended(), nil)
			if err != nil || len(all) != 2 || all[0].body != "early" || got != "hello." {
				t.Fatalf("%s: %v %+v, the handler got %q", w.name, err, all, got)
			}
		}
	}
}

// Nothing of a body is read before it is wanted, nor while the handler has paused.
func TestBodyBackPressure(t *testing.T) {
	const n = 1000
	var want func()
	var got, pieces int
	p := serve(t, &http1.Server{Stream: true}, func(c *http1.Ctx, r *http1.Request) error {
		want = func() {
			r.OnBody(func(piece *buffer.Buf, end bool) error {
				if piece != nil {
					pieces++
					got += piece.Len()
					piece.Release()
				}
				if end {
					return text(c, r)
				}
				c.Channel().SetReading(false)
				return nil
			})
		}
		return nil
	})
	p.Feed(post("Content-Length: 1000000\r\n", ""))
	for range n {
		p.Feed(strings.Repeat("x", 1000))
	}
	if p.Reading() || p.Unread() < 990*1000 {
		t.Fatalf("reading %v before the body is wanted, %d bytes are unread", p.Reading(), p.Unread())
	}
	p.Do(func(*channel.Channel) { want() })
	if got > 10_000 || p.Unread() < 980*1000 {
		t.Fatalf("%d bytes came in %d pieces, %d are unread, while the handler pauses", got, pieces, p.Unread())
	}
	for i := 0; got < n*1000; i++ {
		if i > 2*n {
			t.Fatalf("%d bytes have come", got)
		}
		p.Do(func(ch *channel.Channel) { ch.SetReading(true) })
	}
	oneResponse(t, p.Output(), p.Ended(), "POST")
}

// OnBody in a server that collects gives the body as one piece.
func TestOnBodyCollected(t *testing.T) {
	for _, in := range []string{get(), post("Content-Length: 5\r\n", "hello"), chunks("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n")} {
		var got string
		calls := 0
		p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
			r.OnBody(func(piece *buffer.Buf, end bool) error {
				calls++
				if piece != nil {
					got += piece.Text(0, piece.Len())
					piece.Release()
				}
				if !end {
					t.Error("it has not ended")
				}
				return nil
			})
			return text(c, r)
		})
		p.Feed(in + get())
		if want := strings.Contains(in, "POST"); want && got != "hello" || calls != 2 {
			t.Errorf("%q in %d calls", got, calls)
		}
	}
}

// TakeBody passes the body on: it may live longer than the request.
func TestTakeBody(t *testing.T) {
	var kept []*buffer.Buf
	p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
		b := r.TakeBody()
		if b == nil || r.TakeBody() != nil || r.Body != nil {
			t.Error("TakeBody did not take the body")
		}
		kept = append(kept, b)
		return text(c, r)
	})
	p.Feed(post("Content-Length: 5\r\n", "hello") + chunks("5\r\nworld\r\n0\r\n\r\n") + post("Content-Length: 1\r\n", "!"))
	out := ""
	for _, b := range kept {
		out += b.Text(0, b.Len())
		b.Release()
	}
	if out != "helloworld!" {
		t.Errorf("%q", out)
	}
}

// The body of a request may be the body of its response.
func TestEchoBody(t *testing.T) {
	for _, size := range []int{1, 1000, 100_000} {
		body := strings.Repeat("0123456789", size/10+1)[:size]
		p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
			resp := r.Reply(200)
			resp.Body = r.TakeBody()
			return c.Write(resp)
		})
		for _, in := range []string{post("Content-Length: 0\r\n", ""), chunks(hex(size) + "\r\n" + body + "\r\n0\r\n\r\n")} {
			p.Feed(in + in)
			all, err := parseResponses(p.Output(), p.Ended(), nil)
			if err != nil || len(all) != 2 || strings.Contains(in, "chunked") && (all[0].body != body || all[1].body != body) {
				t.Errorf("%v, %d responses", err, len(all))
			}
		}
	}
}

// The target and the fields of a request that waits for its answer can be asked again, also when they have moved meanwhile.
func TestRequestLater(t *testing.T) {
	for _, in := range []string{get("A: b\r\n"), post("A: b\r\nContent-Length: 5\r\n", "hello"), get("A: b\r\n") + get("C: d\r\n") + "GET /x"} {
		for _, f := range []func(p *pipe, in string){whole, each} {
			var later func() string
			p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
				if later == nil {
					later = func() string { return show(r) }
					c.Channel().AfterFunc(time.Second, func() { text(c, r) })
				}
				return nil
			})
			f(p, in)
			for i := range 5 {
				p.Feed(strings.Repeat("\r\n", min(i, 1)))
			}
			if s := later(); !strings.Contains(s, " / a=b") {
				t.Errorf("%q: %q", in, s)
			}
			p.Advance(2 * time.Second)
			if r, _ := parseResponses(p.Output(), p.Ended(), nil); len(r) == 0 || !strings.Contains(r[0].body, " / a=b") {
				t.Errorf("%q: %+v", in, r)
			}
		}
	}
}
