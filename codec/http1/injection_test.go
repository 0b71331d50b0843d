package http1_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/codec/http1"
)

// What a handler writes of what a peer has sent cannot become fields, or a response, of the peer's own (RFC 9110 section 5.5).
func TestInjection(t *testing.T) {
	const evil = "\r\nX-Evil: yes\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"
	names := []string{"", " ", "A B", "A:", "A\r\nX-Evil", "A\n", "A\r", "A\x00", "\tA", "A\x7f", "\xc3\x84", "A\xff", "(A)", "A,B", "A=B", evil}
	values := []string{"a\r\nX-Evil: yes", "a\nX-Evil: yes", "a\rX-Evil: yes", evil, "\r", "\n", "\x00", "a\x00b", "a\x01", "\x7f", "a\x1b[0m", "a\v", "a\r\n b"}
	type set struct {
		what string
		do   func(h *http1.Header)
	}
	var sets []set
	for _, name := range names {
		sets = append(sets,
			set{"Add name " + name, func(h *http1.Header) { h.Add(name, "v") }},
			set{"AddBytes name " + name, func(h *http1.Header) { h.AddBytes(name, []byte("v")) }},
			set{"AddInt name " + name, func(h *http1.Header) { h.AddInt(name, 1) }},
			set{"Set name " + name, func(h *http1.Header) { h.Set(name, "v") }})
	}
	for _, value := range values {
		sets = append(sets,
			set{"Add value " + value, func(h *http1.Header) { h.Add("X-A", value) }},
			set{"AddBytes value " + value, func(h *http1.Header) { h.AddBytes("X-A", []byte(value)) }},
			set{"Set value " + value, func(h *http1.Header) { h.Set("X-A", value) }},
			set{"Location " + value, func(h *http1.Header) { h.Set("Location", value) }},
			set{"good ones around " + value, func(h *http1.Header) { h.Add("X-B", "b"); h.Add("X-A", value); h.Add("X-C", "c") }})
	}
	for _, s := range sets {
		for _, where := range []string{"Header", "Trailer"} {
			p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
				resp := r.Reply(200)
				resp.Body = c.Alloc(2)
				resp.Body.WriteString("ok")
				h := &resp.Header
				if where == "Trailer" {
					h = &resp.Trailer
				}
				s.do(h)
				var field *http1.FieldError
				if err := h.Err(); !errors.As(err, &field) {
					t.Errorf("%s %q: Err returns %v", where, s.what, err)
				}
				err := c.Write(resp)
				if !errors.As(err, &field) {
					t.Errorf("%s %q: Write returns %v", where, s.what, err)
				}
				return err
			})
			p.Feed(get() + get())
			out := p.Output()
			if r := oneResponse(t, out, p.Ended(), "GET"); r.status != 500 || !p.Ended() || strings.Contains(out, "Evil") || strings.Contains(out, "\x00") {
				t.Errorf("%s %q: %q, ended %v", where, s.what, out, p.Ended())
			}
		}
	}
}

// A handler that gets the error may answer with something else.
func TestInjectionHandled(t *testing.T) {
	p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
		resp := r.Reply(302)
		resp.Header.Set("Location", "/\r\nSet-Cookie: a=b")
		if err := c.Write(resp); err == nil {
			t.Error("no error")
		}
		return c.Write(r.Text(400, "no"))
	})
	p.Feed(get() + get())
	all, err := parseResponses(p.Output(), p.Ended(), nil)
	if err != nil || len(all) != 2 || all[0].status != 400 || all[1].status != 400 || all[1].has("location") || p.Ended() {
		t.Errorf("%v %+v", err, all)
	}
}

// The text behind the status is not a field, but in the head all the same.
func TestInjectionByReason(t *testing.T) {
	for _, reason := range []string{"OK\r\nX-Evil: yes", "OK\n", "\r\n\r\nevil", "a\x00", "\x7f"} {
		p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
			resp := r.Reply(200)
			resp.Reason = []byte(reason)
			err := c.Write(resp)
			if err == nil {
				t.Errorf("%q was accepted", reason)
			}
			return err
		})
		p.Feed(get())
		out := p.Output()
		if r := oneResponse(t, out, p.Ended(), "GET"); r.status != 500 || strings.Contains(strings.ToLower(out), "evil") {
			t.Errorf("%q: %q", reason, out)
		}
	}
}

// Neither can Server.Name be used so: that is a mistake of the program.
func TestInjectionByName(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	(&http1.Server{Name: "a\r\nb"}).Stage()
}

// What a bad request has said is told back in the text of the answer: nothing of it may be in the head.
func TestInjectionByErrors(t *testing.T) {
	for _, in := range []string{
		"G\x01<script> / HTTP/1.1\r\n\r\n", "GET /<script>\x00 HTTP/1.1\r\n\r\n", get("<script>: x\r\n"), get("A\x00: <script>\r\n"),
		post("Content-Length: <script>\r\n", ""), get("Expect: <script>\r\n"), chunks("<script>"), "GET / HTTP/<script>\r\n\r\n",
	} {
		p := serve(t, nil, text)
		p.Feed(in)
		out := p.Output()
		head, _, _ := strings.Cut(out, "\r\n\r\n")
		if r := oneResponse(t, out, p.Ended(), "GET"); r.status < 400 || strings.Contains(head, "script") || !strings.HasPrefix(r.get("content-type"), "text/plain") ||
			strings.Contains(out, "<script>") {
			t.Errorf("%q: %q", in, out)
		}
	}
}
