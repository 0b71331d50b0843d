package http1_test

import (
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// A parts is a Source that gives what it was told to, and notes how it was used.
type parts struct {
	t        testing.TB
	next     []func() (channel.Part, error) // after the last one, io.EOF
	asked    int
	released int
	writable func() bool
}

func (s *parts) Next() (channel.Part, error) {
	if s.released > 0 {
		s.t.Error("Next after Release")
	}
	if s.writable != nil && !s.writable() {
		s.t.Error("Next while the channel takes nothing")
	}
	s.asked++
	if len(s.next) == 0 {
		return nil, io.EOF
	}
	f := s.next[0]
	s.next = s.next[1:]
	return f()
}

func (s *parts) Release() {
	if s.released++; s.released > 1 {
		s.t.Error("a second Release")
	}
}

// bytesOf is a part of a Source.
func bytesOf(c *http1.Ctx, text string) func() (channel.Part, error) {
	return func() (channel.Part, error) {
		b := c.Alloc(len(text))
		b.WriteString(text)
		return b, nil
	}
}

func fails(err error) func() (channel.Part, error) {
	return func() (channel.Part, error) { return nil, err }
}

// fileOf is a file that is a part of a Source, or a body.
func fileOf(c *http1.Ctx, p **pipelinetest.Pipe, text string) func() (channel.Part, error) {
	return func() (channel.Part, error) { return (*p).Loop.File(text), nil }
}

// A body is a way to write one.
type body struct {
	name string
	size int64 // -1 if it is not known before it ends
	make func(t testing.TB, p **pipelinetest.Pipe, c *http1.Ctx, r *http1.Response, text string)
}

var bodies = []body{
	{"Buf", 0, func(_ testing.TB, p **pipelinetest.Pipe, _ *http1.Ctx, r *http1.Response, text string) {
		r.Body = (*p).Buf(text)
	}},
	{"composite Buf", 0, func(_ testing.TB, p **pipelinetest.Pipe, c *http1.Ctx, r *http1.Response, text string) {
		r.Body = c.Alloc(0)
		for i := 0; i < len(text); i += 7 {
			r.Body.Gather((*p).Buf(text[i:min(len(text), i+7)]), 0)
		}
	}},
	{"File", 0, func(_ testing.TB, p **pipelinetest.Pipe, _ *http1.Ctx, r *http1.Response, text string) {
		r.File = (*p).Loop.File(text)
	}},
	{"Source of known length", 0, func(t testing.TB, _ **pipelinetest.Pipe, c *http1.Ctx, r *http1.Response, text string) {
		r.Source, r.Length = &parts{t: t, next: []func() (channel.Part, error){bytesOf(c, text[:len(text)/2]), bytesOf(c, text[len(text)/2:])}}, int64(len(text))
	}},
	{"Source", -1, func(t testing.TB, _ **pipelinetest.Pipe, c *http1.Ctx, r *http1.Response, text string) {
		r.Source = &parts{t: t, next: []func() (channel.Part, error){bytesOf(c, text[:len(text)/2]), bytesOf(c, text[len(text)/2:])}}
	}},
	{"Source with files", -1, func(t testing.TB, p **pipelinetest.Pipe, c *http1.Ctx, r *http1.Response, text string) {
		r.Source = &parts{t: t, next: []func() (channel.Part, error){bytesOf(c, text[:1]), fileOf(c, p, text[1:len(text)/2]), fileOf(c, p, text[len(text)/2:])}}
	}},
	{"Source with empty parts", -1, func(t testing.TB, p **pipelinetest.Pipe, c *http1.Ctx, r *http1.Response, text string) {
		r.Source = &parts{t: t, next: []func() (channel.Part, error){bytesOf(c, ""), bytesOf(c, text), fileOf(c, p, ""), bytesOf(c, "")}}
	}},
}

// Every kind of body, to every kind of client: an empty chunk would end it, a wrong length would hide the next response.
func TestBodies(t *testing.T) {
	for _, b := range bodies {
		for _, n := range []int{2, 100, 300_000} {
			for _, c := range []struct {
				name, in string
				old      bool
				keep     bool
			}{
				{"1.1", get(), false, true},
				{"1.1 close", get("Connection: close\r\n"), false, false},
				{"1.0", "GET / HTTP/1.0\r\n\r\n", true, false},
				{"1.0 keep-alive", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true, true},
				{"HEAD", line("HEAD / HTTP/1.1"), false, true},
			} {
				t.Run(b.name+" to "+c.name, func(t *testing.T) {
					text := strings.Repeat("0123456789", n/10+1)[:n]
					var p *pipelinetest.Pipe
					p = serve(t, nil, func(ctx *http1.Ctx, r *http1.Request) error {
						resp := r.Reply(200)
						b.make(t, &p, ctx, resp, text)
						return ctx.Write(resp)
					})
					p.Feed(c.in)
					method, _, _ := strings.Cut(c.in, " ")
					r := oneResponse(t, p.Output(), p.Ended(), method)
					length := r.get("content-length")
					switch {
					case method == "HEAD" && r.body != "", method != "HEAD" && r.body != text:
						t.Fatalf("a body of %d bytes, %+.200v", len(r.body), r)
					case b.size < 0 && length != "", b.size >= 0 && length != strconv.Itoa(n):
						t.Errorf("Content-Length: %q", length)
					case b.size < 0 && c.old != r.toClose, b.size < 0 && !c.old != r.has("transfer-encoding"):
						t.Errorf("%q, until the end: %v", r.fields, r.toClose)
					}
					if keep := c.keep && !r.toClose; keep == p.Ended() {
						t.Errorf("ended %v", p.Ended())
					} else if keep {
						p.Feed(c.in)
						oneResponse(t, p.Output(), p.Ended(), method)
					}
				})
			}
		}
	}
}

// Some responses have no body, whatever the handler wants: RFC 9110 sections 15.3.5 and 15.4.5.
func TestNoBody(t *testing.T) {
	for _, status := range []int{204, 304} {
		for _, b := range bodies {
			var p *pipelinetest.Pipe
			p = serve(t, nil, func(ctx *http1.Ctx, r *http1.Request) error {
				resp := r.Reply(status)
				resp.Header.Add("ETag", `"x"`)
				b.make(t, &p, ctx, resp, "body")
				return ctx.Write(resp)
			})
			p.Feed(get() + get())
			all, err := parseResponses(p.Output(), p.Ended(), nil)
			if err != nil || len(all) != 2 || all[0].body != "" || all[1].status != status || all[1].get("etag") != `"x"` || p.Ended() {
				t.Errorf("%d with %s: %v %+v", status, b.name, err, all)
			}
		}
	}
	p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error { return c.Write(r.Reply(200)) })
	p.Feed(get())
	if r := oneResponse(t, p.Output(), p.Ended(), "GET"); r.get("content-length") != "0" {
		t.Errorf("without a body: %+v", r)
	}
}

// What the package writes of the connection and the length of the body cannot be written a second time by the handler.
func TestFramingFieldsOfHandlers(t *testing.T) {
	p := serve(t, &http1.Server{Name: "ropewalk"}, func(c *http1.Ctx, r *http1.Request) error {
		resp := r.Text(200, "hello")
		for _, f := range [][2]string{{"Content-Length", "99"}, {"content-length", "3"}, {"Transfer-Encoding", "chunked"}, {"Connection", "keep-alive"}, {"Keep-Alive", "x"},
			{"X", "1"}, {"x", "2"}, {"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"Server", "mine"}} {
			resp.Header.Add(f[0], f[1])
		}
		resp.Header.Set("Date", resp.Header.Text("Date"))
		return c.Write(resp)
	})
	p.Feed(get())
	out := p.Output()
	if n := strings.Count(strings.ToLower(out), "content-length"); n != 1 || strings.Contains(out, "chunked") || !strings.HasSuffix(out, "\r\n\r\nhello") ||
		strings.Count(out, "Date: ") != 1 || strings.Count(out, "Server: ") != 1 || !strings.Contains(out, "Server: mine\r\n") || strings.Count(out, "X: 1\r\nx: 2\r\n") != 1 {
		t.Errorf("%s", out)
	}
}

// A handler may end the connection.
func TestHandlerCloses(t *testing.T) {
	for name, closes := range map[string]func(*http1.Response){
		"Response.Close":         func(r *http1.Response) { r.Close = true },
		"the field Connection":   func(r *http1.Response) { r.Header.Add("Connection", "close") },
		"the field, as one says": func(r *http1.Response) { r.Header.Add("connection", "Close") },
	} {
		p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
			resp := r.Text(200, "bye")
			closes(resp)
			return c.Write(resp)
		})
		p.Feed(get() + get())
		if r := oneResponse(t, p.Output(), p.Ended(), "GET"); r.get("connection") != "close" || !p.Ended() {
			t.Errorf("%s: %+v, ended %v", name, r, p.Ended())
		}
	}
}

func TestServerName(t *testing.T) {
	p := serve(t, &http1.Server{Name: "ropewalk/1"}, text)
	p.Feed(get() + "GET /\r\n\r\n")
	all, err := parseResponses(p.Output(), p.Ended(), nil)
	if err != nil || len(all) != 2 || all[0].get("server") != "ropewalk/1" || all[1].get("server") != "ropewalk/1" {
		t.Errorf("%v %+v", err, all)
	}
	p = serve(t, nil, text)
	p.Feed(get())
	if r := oneResponse(t, p.Output(), p.Ended(), "GET"); r.has("server") {
		t.Errorf("%+v", r)
	}
}

// Status lines.
func TestStatusLine(t *testing.T) {
	for status, want := range map[int]string{200: "OK", 201: "Created", 301: "Moved Permanently", 404: "Not Found", 418: "", 299: "", 500: "Internal Server Error", 599: ""} {
		p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error { return c.Write(r.Reply(status)) })
		p.Feed(get())
		if r := oneResponse(t, p.Output(), p.Ended(), "GET"); r.status != status || want != "" && r.reason != want {
			t.Errorf("%d: %+v", status, r)
		}
	}
	p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
		resp := r.Reply(200)
		resp.Reason = []byte("Very well")
		return c.Write(resp)
	})
	p.Feed(get())
	if r := oneResponse(t, p.Output(), p.Ended(), "GET"); r.reason != "Very well" {
		t.Errorf("%+v", r)
	}
	for _, status := range []int{-1, 0, 1, 99, 600, 999, 1000, math.MaxInt, math.MinInt} {
		p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
			err := c.Write(r.Text(status, "x"))
			if err == nil {
				t.Errorf("%d was accepted", status)
			}
			return err
		})
		p.Feed(get())
		if r := oneResponse(t, p.Output(), p.Ended(), "GET"); r.status != 500 || !p.Ended() {
			t.Errorf("%d: %+v", status, r)
		}
	}
}

// More than one body, or a body that does not fit the response, releases all of them.
func TestSeveralBodies(t *testing.T) {
	var p *pipelinetest.Pipe
	p = serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
		resp := r.Reply(200)
		resp.Body, resp.File, resp.Source = p.Buf("body"), p.Loop.File("file"), &parts{t: t}
		err := c.Write(resp)
		if err == nil {
			t.Error("three bodies were accepted")
		}
		return err
	})
	p.Feed(get())
	if r := oneResponse(t, p.Output(), p.Ended(), "GET"); r.status != 500 {
		t.Errorf("%+v", r)
	}
}

// Reply called again releases what was filled in before.
func TestReplyAgain(t *testing.T) {
	var p *pipelinetest.Pipe
	p = serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
		resp := r.Reply(200)
		resp.Header.Add("X", "y")
		resp.File = p.Loop.File("file")
		resp = r.Reply(500)
		resp.Body = p.Buf("body")
		resp = r.Reply(404)
		resp.Source = &parts{t: t}
		return c.Write(r.Text(200, "last"))
	})
	p.Feed(get())
	if r := oneResponse(t, p.Output(), p.Ended(), "GET"); r.body != "last" || r.has("x") {
		t.Errorf("%+v", r)
	}
}

var errHandler = errors.New("the handler has failed")
