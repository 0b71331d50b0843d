package http1_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// endless gives n pieces of 10,000 bytes.
func endless(c *http1.Ctx, n int) []func() (channel.Part, error) {
	next := make([]func() (channel.Part, error), n)
	for i := range next {
		next[i] = bytesOf(c, strings.Repeat("x", 10_000))
	}
	return next
}

// sources answers the first request with a Source, which it remembers, and others with a text.
func sources(t testing.TB, length int64, next func(*http1.Ctx) []func() (channel.Part, error)) (*parts, func(*http1.Ctx, *http1.Request) error) {
	s := &parts{t: t}
	return s, func(c *http1.Ctx, r *http1.Request) error {
		if s.writable != nil {
			return text(c, r)
		}
		s.next = next(c)
		s.writable = c.Channel().Writable
		resp := r.Reply(200)
		resp.Source, resp.Length = s, length
		return c.Write(resp)
	}
}

// A Source is asked as fast as the peer takes what it gives, and no faster.
func TestSourceBackPressure(t *testing.T) {
	const n = 300
	s, handler := sources(t, -1, func(c *http1.Ctx) []func() (channel.Part, error) { return endless(c, n) })
	p := serve(t, nil, handler)
	p.Stall()
	p.Feed(get() + get("X: y\r\n"))
	if s.asked > 10 || p.Channel().Queued() > 100_000 {
		t.Fatalf("asked %d times, %d bytes are queued", s.asked, p.Channel().Queued())
	}
	p.Advance(time.Second)
	if s.asked > 10 {
		t.Fatalf("asked %d times while nothing was taken", s.asked)
	}
	p.Conn.Wire.Add(channeltest.Always(channeltest.Take(5000)))
	for range 10 * n {
		p.Unstall()
		if p.Channel().Queued() > 200_000 {
			t.Fatalf("%d bytes are queued", p.Channel().Queued())
		}
	}
	if s.released != 1 || s.asked != n+1 {
		t.Errorf("asked %d times, released %d times", s.asked, s.released)
	}
}

// The same, with what the peer gets.
func TestSourceWhole(t *testing.T) {
	const n = 300
	for _, length := range []int64{-1, n * 10_000} {
		s, handler := sources(t, length, func(c *http1.Ctx) []func() (channel.Part, error) { return endless(c, n) })
		p := serve(t, nil, handler)
		p.Stall()
		p.Feed(get())
		p.Unstall()
		r := oneResponse(t, p.Output(), p.Ended(), "GET")
		if len(r.body) != n*10_000 || s.released != 1 || p.Ended() {
			t.Errorf("%d bytes, released %d times, ended %v", len(r.body), s.released, p.Ended())
		}
	}
}

// Large files as parts, with a request behind that waits: the connection must not wait for it.
func TestSourceOfLargeFiles(t *testing.T) {
	for _, behind := range []string{"", get(), "GET / HT"} {
		var p *pipelinetest.Pipe
		file := strings.Repeat("x", 1<<20)
		s := &parts{t: t}
		p = serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
			if s.asked > 0 {
				return text(c, r)
			}
			for range 8 {
				s.next = append(s.next, fileOf(c, &p, file))
			}
			resp := r.Reply(200)
			resp.Source = s
			return c.Write(resp)
		})
		p.Feed(get() + behind)
		all, err := parseResponses(p.Output(), p.Ended(), nil)
		if err != nil || len(all[0].body) != 8<<20 || s.released != 1 || behind == get() && len(all) != 2 {
			t.Errorf("behind is %q: %v, %d responses, asked %d times, released %d times", behind, err, len(all), s.asked, s.released)
		}
	}
}

// A Source that has nothing yet is asked again at Resume.
func TestSourceResume(t *testing.T) {
	var resp *http1.Response
	s := &parts{t: t}
	nothing := func() (channel.Part, error) { return nil, nil }
	p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
		if resp != nil {
			return text(c, r)
		}
		s.next = []func() (channel.Part, error){bytesOf(c, "a"), nothing, nothing, bytesOf(c, "b"), bytesOf(c, "c"), nothing}
		resp = r.Reply(200)
		resp.Source = s
		return c.Write(resp)
	})
	p.Feed(get() + get("X: y\r\n"))
	for i, want := range []int{2, 3, 6, 7} {
		if s.asked != want {
			t.Errorf("step %d: asked %d times, not %d", i, s.asked, want)
		}
		p.Advance(time.Minute) // it may take its time
		if i < 3 {
			p.Do(func(*channel.Channel) { resp.Resume() })
		}
	}
	all, err := parseResponses(p.Output(), p.Ended(), nil)
	if err != nil || len(all) != 2 || all[0].body != "abc" || s.released != 1 {
		t.Errorf("%v %+v, released %d times", err, all, s.released)
	}
}

// A chunk has its line end when the Source has nothing more for now: there are peers that wait for it before they use the chunk.
func TestSourceChunksEnd(t *testing.T) {
	var resp *http1.Response
	nothing := func() (channel.Part, error) { return nil, nil }
	p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
		resp = r.Reply(200)
		resp.Source = &parts{t: t, next: []func() (channel.Part, error){
			bytesOf(c, "a"), bytesOf(c, "b"), nothing, nothing, bytesOf(c, "c"), nothing, bytesOf(c, "d")}}
		return c.Write(resp)
	})
	p.Feed(get())
	_, got, _ := strings.Cut(p.Output(), "\r\n\r\n")
	for i, want := range []string{"1\r\na\r\n1\r\nb\r\n", "", "1\r\nc\r\n", "1\r\nd\r\n0\r\n\r\n"} {
		if got != want {
			t.Errorf("step %d: sent %q, want %q", i, got, want)
		}
		p.Do(func(*channel.Channel) { resp.Resume() })
		got = p.Output()
	}
}

// A Source may notice too late that nobody wants it any more, and call Resume when the exchange, or its connection, has ended.
func TestResumeTooLate(t *testing.T) {
	nothing := func() (channel.Part, error) { return nil, nil }
	ends := map[string]func(p *pipelinetest.Pipe, resume func()){
		"answered": func(p *pipelinetest.Pipe, resume func()) { p.Do(func(*channel.Channel) { resume() }) },
		"closed": func(p *pipelinetest.Pipe, _ func()) {
			p.Do(func(ch *channel.Channel) { ch.Close(nil) })
			p.Advance(longer)
		},
		"broken": func(p *pipelinetest.Pipe, _ func()) { p.Break(errHandler) },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			var resp *http1.Response
			s := &parts{t: t}
			p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
				s.next = []func() (channel.Part, error){bytesOf(c, "a"), nothing}
				resp = r.Reply(200)
				resp.Source = s
				return c.Write(resp)
			})
			p.Feed(get())
			end(p, func() { resp.Resume() })
			asked := s.asked
			resume(p, resp.Resume)
			if s.released != 1 || s.asked != asked {
				t.Errorf("server: asked %d times, then %d, released %d times", asked, s.asked, s.released)
			}
		})
		t.Run(name+", client", func(t *testing.T) {
			p, c := connect(t, &http1.Client{Timeouts: timed}, nil)
			s := &parts{t: t, next: []func() (channel.Part, error){allocs(c, "a"), nothing}}
			r := http1.NewRequest("POST", "/")
			r.Source = s
			c.Write(r)
			end(p, func() {
				r.Resume()
				p.Feed(ok5)
			})
			asked := s.asked
			resume(p, r.Resume)
			if s.released != 1 || s.asked != asked {
				t.Errorf("client: asked %d times, then %d, released %d times", asked, s.asked, s.released)
			}
		})
	}
}

// resume calls f on the loop, when it serves no channel.
func resume(p *pipelinetest.Pipe, f func()) {
	p.Loop.Do(func(error) { f() })
	p.Loop.Settle()
}

// In its Next a Source may call Resume, and the response may be its own.
func TestSourceResumesItself(t *testing.T) {
	var resp *http1.Response
	s := &parts{t: t}
	p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
		again := func() (channel.Part, error) {
			resp.Resume()
			return bytesOf(c, "x")()
		}
		s.next = []func() (channel.Part, error){again, again, again}
		resp = r.Reply(200)
		resp.Source = s
		return c.Write(resp)
	})
	p.Feed(get())
	if r := oneResponse(t, p.Output(), p.Ended(), "GET"); r.body != "xxx" || s.asked != 4 {
		t.Errorf("%+v, asked %d times", r, s.asked)
	}
}

// When a Source fails, or gives more or less than it said, the peer must see that the body is not whole: it is neither told the
// last chunk, nor is the stream ended where a body until the end would be.
func TestSourceFails(t *testing.T) {
	broken := errors.New("disk on fire")
	for _, c := range []struct {
		name   string
		in     string
		length int64
		last   error
		cause  error
	}{
		{"chunked", get(), -1, broken, broken},
		{"until the end", "GET / HTTP/1.0\r\n\r\n", -1, broken, broken},
		{"of known length", get(), 10_000, broken, broken},
		{"unexpected EOF", get(), -1, io.ErrUnexpectedEOF, io.ErrUnexpectedEOF},
		{"too short", get(), 10_000, io.EOF, http1.ErrBody},
		{"too short, 1.0", "GET / HTTP/1.0\r\n\r\n", 10_000, io.EOF, http1.ErrBody},
		{"too long", get(), 3, io.EOF, http1.ErrBody},
		{"too long by a piece", get(), 5, io.EOF, http1.ErrBody},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, handler := sources(t, c.length, func(ctx *http1.Ctx) []func() (channel.Part, error) {
				return []func() (channel.Part, error){bytesOf(ctx, "hello"), bytesOf(ctx, "world"), fails(c.last)}
			})
			p := serve(t, nil, handler)
			p.Feed(c.in + get())
			p.Advance(longer)
			out := p.Output()
			if !p.Aborted() || s.released != 1 || strings.HasSuffix(out, "0\r\n\r\n") {
				t.Errorf("%q, aborted %v, released %d times", out, p.Aborted(), s.released)
			}
			if !errors.Is(p.Cause(), c.cause) {
				t.Errorf("the cause is %v", p.Cause())
			}
			if all, err := parseResponses(out, false, nil); err == nil && len(all) > 0 {
				t.Errorf("the peer takes it for whole: %+v", all)
			}
		})
	}
}

// A Source that does not get to its end is released, once, whatever ends it.
func TestSourceReleased(t *testing.T) {
	for name, end := range map[string]func(p *pipelinetest.Pipe){
		"the peer breaks":    func(p *pipelinetest.Pipe) { p.Break(errHandler) },
		"the program closes": func(p *pipelinetest.Pipe) { p.Do(func(ch *channel.Channel) { ch.Close(errHandler) }) },
		"the program aborts": func(p *pipelinetest.Pipe) { p.Do(func(ch *channel.Channel) { ch.Abort(errHandler) }) },
		"the peer reads on":  func(p *pipelinetest.Pipe) { p.Unstall() },
		"the peer ends":      func(p *pipelinetest.Pipe) { p.EOF(); p.Unstall() },
	} {
		t.Run(name, func(t *testing.T) {
			s, handler := sources(t, -1, func(c *http1.Ctx) []func() (channel.Part, error) { return endless(c, 30) })
			p := serve(t, nil, handler)
			p.Stall()
			p.Feed(get())
			if s.released != 0 {
				t.Fatal("it was released too early")
			}
			end(p)
			p.Advance(longer)
			if s.released != 1 {
				t.Errorf("released %d times", s.released)
			}
		})
	}
}

// Trailers.
func TestSourceTrailer(t *testing.T) {
	handler := func(c *http1.Ctx, r *http1.Request) error {
		resp := r.Reply(200)
		resp.Header.Add("Trailer", "X-Sum")
		resp.Trailer.Add("X-Sum", "42")
		resp.Trailer.Add("Content-Length", "7")
		resp.Source = &parts{t: t, next: []func() (channel.Part, error){bytesOf(c, "hello")}}
		return c.Write(resp)
	}
	p := serve(t, nil, handler)
	p.Feed(get() + get())
	all, err := parseResponses(p.Output(), p.Ended(), nil)
	if err != nil || len(all) != 2 || len(all[1].trailer) != 1 || all[1].trailer[0] != [2]string{"x-sum", "42"} || all[1].body != "hello" {
		t.Errorf("%v %+v", err, all)
	}
	p = serve(t, nil, handler) // who does not know chunks gets no trailer
	p.Feed("GET / HTTP/1.0\r\n\r\n")
	if r := oneResponse(t, p.Output(), p.Ended(), "GET"); r.body != "hello" {
		t.Errorf("%+v", r)
	}
}

// A trailer may be filled in as late as in the last call of Next.
func TestSourceTrailerLate(t *testing.T) {
	for _, value := range []string{"42", "4\r\n2"} {
		p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
			resp := r.Reply(200)
			resp.Source = &parts{t: t, next: []func() (channel.Part, error){bytesOf(c, "hello"), func() (channel.Part, error) {
				resp.Trailer.Add("X-Sum", value)
				return nil, io.EOF
			}}}
			return c.Write(resp)
		})
		p.Feed(get())
		out := p.Output()
		if value == "42" {
			if r := oneResponse(t, out, p.Ended(), "GET"); len(r.trailer) != 1 || r.trailer[0][1] != "42" {
				t.Errorf("%+v", r)
			}
		} else if !p.Aborted() || strings.Contains(out, "X-Sum") {
			t.Errorf("%q, aborted %v", out, p.Aborted())
		}
	}
}
