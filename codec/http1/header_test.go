package http1_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/codec/http1"
)

// fields shows a header.
func fields(h *http1.Header) string {
	var s []string
	for name, value := range h.All() {
		s = append(s, string(name)+"="+string(value))
	}
	if len(s) != h.Len() {
		s = append(s, fmt.Sprintf("but Len is %d", h.Len()))
	}
	return strings.Join(s, " ")
}

func TestHeader(t *testing.T) {
	var h http1.Header
	expect := func(want string) {
		t.Helper()
		if got := fields(&h); got != want {
			t.Errorf("%q, not %q", got, want)
		}
		if h.Err() != nil {
			t.Error(h.Err())
		}
	}
	expect("")
	if h.Get("A") != nil || h.Has("A") || h.Text("A") != "" || h.HasToken("A", "b") {
		t.Error("an empty header has a field")
	}
	h.Del("A")
	h.Reset()
	h.Add("A", "1")
	h.AddBytes("Bee", []byte("2"))
	h.AddInt("C", -3)
	h.AddInt("D", 1<<63-1)
	h.Add("a", "4")
	expect("A=1 Bee=2 C=-3 D=9223372036854775807 a=4")
	if string(h.Get("bEE")) != "2" || h.Text("a") != "1" || !h.Has("c") || h.Has("E") || h.Has("") || h.Has("Be") {
		t.Error("Get, Text, Has")
	}
	var values []string
	for v := range h.Values("A") {
		values = append(values, string(v))
	}
	if !slices.Equal(values, []string{"1", "4"}) {
		t.Errorf("%q", values)
	}
	for range h.Values("A") {
		break
	}
	for range h.All() {
		break
	}
	h.Set("A", "5")
	expect("Bee=2 C=-3 D=9223372036854775807 A=5")
	h.Set("New", "6")
	expect("Bee=2 C=-3 D=9223372036854775807 A=5 New=6")
	h.Del("bee")
	h.Del("none")
	expect("C=-3 D=9223372036854775807 A=5 New=6")
	h.Add("Empty", "")
	if v := h.Get("Empty"); v == nil || len(v) != 0 {
		t.Errorf("%q", v)
	}
	h.Reset()
	expect("")
	h.Add("After", "Reset")
	expect("After=Reset")
}

func TestHasToken(t *testing.T) {
	var h http1.Header
	h.Add("Connection", "keep-alive, Upgrade")
	h.Add("Accept", "text/html")
	h.Add("connection", ",x ,\ty\t, ,z")
	for token, want := range map[string]bool{"keep-alive": true, "KEEP-ALIVE": true, "upgrade": true, "x": true, "y": true, "Z": true,
		"keep": false, "alive": false, "text/html": false, "keep-alive, Upgrade": false, "w": false} {
		if h.HasToken("CONNECTION", token) != want {
			t.Errorf("%q", token)
		}
	}
}

// An error stays, and the fields around it are there, until Reset.
func TestHeaderErr(t *testing.T) {
	var h http1.Header
	h.Add("A", "1")
	h.Add("B\n", "2")
	h.Add("C", "3\r")
	h.Add("D", "4")
	if err := h.Err(); err == nil || !strings.Contains(err.Error(), `"B\n"`) {
		t.Errorf("%v", err)
	}
	if got := fields(&h); got != "A=1 D=4" {
		t.Errorf("%q", got)
	}
	h.Del("B\n")
	h.Set("A", "5")
	if h.Err() == nil {
		t.Error("the error is gone")
	}
	h.Reset()
	if h.Err() != nil {
		t.Error("the error is still there")
	}
}

// A value of a received header may be added to one that is sent, and the received one may be changed: it is the handler's.
func TestHeaderOfRequest(t *testing.T) {
	for _, f := range []func(*pipe, string){whole, each} {
		p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
			resp := r.Reply(200)
			for name, value := range r.Header.All() {
				resp.Header.AddBytes("X-"+string(name), value)
			}
			r.Header.Set("A", "changed")
			r.Header.Add("New", "n")
			r.Header.Del("B")
			resp.Header.Add("All", fields(&r.Header))
			resp.Header.AddBytes("Own", resp.Header.Get("X-A")) // the header's own text
			return c.Write(resp)
		})
		f(p, get("A: 1\r\nB: 2\r\n")+get("A: 1\r\nB: 2\r\n")+get())
		all, err := parseResponses(p.Output(), p.Ended(), nil)
		if err != nil || len(all) != 3 || all[1].get("x-a") != "1" || all[1].get("x-b") != "2" || all[1].get("all") != "Host=h A=changed New=n" ||
			all[1].get("own") != "1" || all[2].get("all") != "Host=h A=changed New=n" {
			t.Errorf("%v %+v", err, all)
		}
	}
}

// Values at the edges: spaces would not arrive as they were, and a value may be very long.
func TestHeaderValues(t *testing.T) {
	long := strings.Repeat("v", 200_000)
	for value, ok := range map[string]bool{"": true, "a b": true, "a\tb": true, "\xff": true, "ä": true, long: true, " a": false, "a ": false, "\ta": false, "a\t": false, " ": false} {
		var err error
		p := serve(t, nil, func(c *http1.Ctx, r *http1.Request) error {
			resp := r.Text(200, "x")
			resp.Header.Add("X", value)
			err = resp.Header.Err()
			return c.Write(resp)
		})
		p.Feed(get())
		r := oneResponse(t, p.Output(), p.Ended(), "GET")
		if ok != (err == nil) || ok && r.get("x") != value || ok != (r.status == 200) {
			t.Errorf("%.20q: %v, %d", value, err, r.status)
		}
	}
}

func TestPathAndQuery(t *testing.T) {
	for _, c := range []struct{ method, target, path, query string }{
		{"GET", "/", "/", ""},
		{"GET", "/a/b", "/a/b", ""},
		{"GET", "/a?b=c", "/a", "b=c"},
		{"GET", "/a?b?c", "/a", "b?c"},
		{"GET", "/?", "/", ""},
		{"GET", "//a/b", "//a/b", ""},
		{"GET", "/%2F?%3F", "/%2F", "%3F"},
		{"GET", "/a?http://x/y", "/a", "http://x/y"},
		{"GET", "http://h", "", ""},
		{"GET", "http://h/", "/", ""},
		{"GET", "http://h:1/a?b", "/a", "b"},
		{"GET", "http://h?b/c", "", "b/c"},
		{"OPTIONS", "*", "*", ""},
	} {
		var path, query string
		p := serve(t, nil, func(ctx *http1.Ctx, r *http1.Request) error {
			path, query = string(r.Path()), string(r.Query())
			return text(ctx, r)
		})
		p.Feed(line(c.method + " " + c.target + " HTTP/1.1"))
		if path != c.path || query != c.query {
			t.Errorf("%s: path %q, query %q", c.target, path, query)
		}
	}
	var r http1.Request
	if len(r.Path()) != 0 || len(r.Query()) != 0 {
		t.Error("an empty request has a path")
	}
	n := http1.NewRequest("GET", "/a?b")
	if string(n.Path()) != "/a" || string(n.Query()) != "b" || n.Method != "GET" || n.Length != -1 {
		t.Errorf("%+v", n)
	}
}

func TestStatusText(t *testing.T) {
	for status, want := range map[int]string{100: "Continue", 200: "OK", 206: "Partial Content", 304: "Not Modified", 404: "Not Found", 416: "Range Not Satisfiable",
		431: "Request Header Fields Too Large", 505: "HTTP Version Not Supported"} {
		if got := http1.StatusText(status); got != want {
			t.Errorf("%d: %q", status, got)
		}
	}
	for _, status := range []int{-1, 0, 99, 600, 1 << 30, -1 << 30} {
		if got := http1.StatusText(status); strings.ContainsAny(got, "\r\n") {
			t.Errorf("%d: %q", status, got)
		}
	}
}
