package static

import (
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestConditions asks for a file with what a client may know of it.
func TestConditions(t *testing.T) {
	s := newSite(t, Options{}, map[string]string{"a.txt": "0123456789"})
	tag := s.ask("/a.txt").header.Get("ETag")
	const (
		before = "Thu, 29 Feb 2024 11:59:59 GMT"
		later  = "Thu, 29 Feb 2024 12:00:01 GMT"
	)
	for _, c := range []struct {
		fields string // separated by |
		status int
	}{
		{"If-Match: " + tag, 200},
		{"If-Match: *", 200},
		{`If-Match: "x", ` + tag, 200},
		{`If-Match: "x"|If-Match: ` + tag, 200},
		{`If-Match: "a,b" ,,` + tag, 200},
		{"If-Match: W/" + tag, 412},
		{`If-Match: "x"`, 412},
		{"If-Match:", 412},
		{"If-Match: x, " + tag, 412},
		{`If-Match: "x" ` + tag, 412},
		{`If-Match: "x` + "\t" + tag, 412},
		{"If-Match: " + strings.Trim(tag, `"`), 412},
		{"If-Match: " + tag + "|If-Unmodified-Since: " + before, 200}, // which does not count then
		{"If-Unmodified-Since: " + dayText, 200},
		{"If-Unmodified-Since: " + later, 200},
		{"If-Unmodified-Since: " + before, 412},
		{"If-Unmodified-Since: yesterday", 200},
		{"If-None-Match: " + tag, 304},
		{"If-None-Match: W/" + tag, 304},
		{"If-None-Match: *", 304},
		{`If-None-Match: "x", W/"y",` + tag, 304},
		{`If-None-Match: "x"`, 200},
		{`If-None-Match: w/` + tag, 200},
		{`If-None-Match: "x"|If-Modified-Since: ` + dayText, 200},
		{"If-None-Match: " + tag + "|If-Modified-Since: " + before, 304},
		{"If-Modified-Since: " + dayText, 304},
		{"If-Modified-Since: " + later, 304},
		{"If-Modified-Since: Thursday, 29-Feb-24 12:00:00 GMT", 304},
		{"If-Modified-Since: Thu Feb 29 12:00:00 2024", 304},
		{"If-Modified-Since: " + before, 200},
		{"If-Modified-Since: 2024-02-29T12:00:00Z", 200},
		{"If-Modified-Since:", 200},
		{"If-Match: " + tag + "|If-None-Match: " + tag, 304},
		{`If-Match: "x"|If-None-Match: ` + tag, 412},
		{"Range: bytes=1-2|If-None-Match: " + tag, 304},
		{`Range: bytes=1-2|If-Match: "x"`, 412},
		{"Range: bytes=1-2|If-Range: " + tag, 206},
		{"Range: bytes=1-2|If-Range: W/" + tag, 200},
		{`Range: bytes=1-2|If-Range: "x"`, 200},
		{"Range: bytes=1-2|If-Range: " + dayText, 206},
		{"Range: bytes=1-2|If-Range: " + later, 200},
		{"Range: bytes=1-2|If-Range: " + before, 200},
		{"Range: bytes=1-2|If-Range:", 200},
		{"Range: bytes=99-|If-Range: " + before, 200},
		{"Range: bytes=99-|If-Range: " + tag, 416},
		{"If-Range: " + before, 200},
	} {
		if a := s.ask("/a.txt", strings.Split(c.fields, "|")...); a.status != c.status {
			t.Errorf("%s: status %d, want %d", c.fields, a.status, c.status)
		}
		head := s.ask("HEAD /a.txt", strings.Split(c.fields, "|")...)
		if want := c.status; want == 206 || want == 416 {
			if head.status != 200 {
				t.Errorf("HEAD, %s: status %d", c.fields, head.status)
			}
		} else if head.status != want {
			t.Errorf("HEAD, %s: status %d, want %d", c.fields, head.status, want)
		}
	}
	if a := s.ask("/none", `If-Match: *`); a.status != 404 { // RFC 9110 section 13.2.1
		t.Errorf("If-Match of nothing: %d", a.status)
	}
}

// TestLikeNetHTTP compares with net/http.ServeContent in combinations of some fields, where both follow the RFC: net/http
// sends no byte for "bytes=-0", which is 416, and answers 416 to a unit that it does not know, which is to be ignored.
func TestLikeNetHTTP(t *testing.T) {
	const text = "0123456789abcdefghijklmnopqrstuvwxyz"
	s := newSite(t, Options{}, map[string]string{"a.txt": text})
	tag := s.ask("/a.txt").header.Get("ETag")
	peer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", tag)
		http.ServeContent(w, r, "a.txt", day, strings.NewReader(text))
	})
	dates := []string{"", dayText, "Thu, 29 Feb 2024 11:00:00 GMT", "Thu, 29 Feb 2024 13:00:00 GMT", "now"}
	fields := [][]string{ // the first value of each stands for no such field
		{"If-Match", "", "*", tag, `"x"`, "W/" + tag, `"x", ` + tag},
		append([]string{"If-Unmodified-Since"}, dates...),
		{"If-None-Match", "", "*", tag, `"x"`, `W/"y", W/` + tag},
		append([]string{"If-Modified-Since"}, dates...),
		{"Range", "", "bytes=0-4", "bytes=5-", "bytes=-7", "bytes=-99", "bytes=99-", "bytes=7-3", "bytes=x", "bytes=1-2,5-9", "bytes=0-0,50-60,-1",
			"bytes=0-30,1-30", "bytes=3-4,"},
		append([]string{"If-Range", tag, `"x"`, "W/" + tag}, dates...),
	}
	n := 0
	var try func(chosen []string, rest [][]string)
	try = func(chosen []string, rest [][]string) {
		if len(rest) == 0 {
			n++
			compare(s, peer, chosen)
			return
		}
		for _, value := range rest[0][1:] {
			next := chosen
			if value != "" {
				next = append(slices.Clip(chosen), rest[0][0]+": "+value)
			}
			try(next, rest[1:])
		}
	}
	for i := range fields { // pairs and triples that go together; all with all would be some hundred thousand
		for j := i + 1; j < len(fields); j++ {
			try(nil, [][]string{fields[i], fields[j]})
		}
	}
	try(nil, [][]string{fields[0], fields[1], fields[2], fields[3]})
	try(nil, [][]string{fields[2], fields[4], fields[5]})
	if n < 1000 {
		t.Errorf("only %d combinations", n)
	}
}

// compare sends a request to the site and to a handler of net/http.
func compare(s *site, peer http.Handler, fields []string) {
	s.Helper()
	r := httptest.NewRequest("GET", "/a.txt", nil)
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	peer.ServeHTTP(w, r)
	theirs := w.Result()
	ours := s.ask("/a.txt", fields...)
	if ours.status != theirs.StatusCode {
		s.Errorf("%q: status %d, net/http says %d", fields, ours.status, theirs.StatusCode)
		return
	}
	kind, params, _ := mime.ParseMediaType(ours.header.Get("Content-Type"))
	switch {
	case ours.status >= 300:
	case kind == "multipart/byteranges":
		_, theirParams, _ := mime.ParseMediaType(theirs.Header.Get("Content-Type"))
		a, b := parts(s, ours.body, params["boundary"]), parts(s, w.Body.String(), theirParams["boundary"])
		if !slices.Equal(a, b) {
			s.Errorf("%q: parts %q, net/http says %q", fields, a, b)
		}
	default:
		if ours.body != w.Body.String() {
			s.Errorf("%q: body %q, net/http says %q", fields, ours.body, w.Body)
		}
		for _, name := range []string{"Content-Range", "Content-Type", "Content-Length", "Last-Modified", "ETag", "Accept-Ranges"} {
			if a, b := ours.header.Get(name), theirs.Header.Get(name); a != b {
				s.Errorf("%q: %s: %q, net/http says %q", fields, name, a, b)
			}
		}
	}
}

// parts returns what is in the parts of a body.
func parts(s *site, body, boundary string) (all []string) {
	s.Helper()
	for r := multipart.NewReader(strings.NewReader(body), boundary); ; {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return all
		}
		s.must(err)
		text, err := io.ReadAll(p)
		s.must(err)
		all = append(all, p.Header.Get("Content-Range")+" "+p.Header.Get("Content-Type")+" "+string(text))
	}
}

// TestMultipart looks at the bytes of a body of several parts.
func TestMultipart(t *testing.T) {
	s := newSite(t, Options{}, map[string]string{"a.txt": "0123456789", "large.bin": digits(500_000)})
	a := s.ask("/a.txt", "Range: bytes=0-1,4-4,-2")
	boundary, ok := strings.CutPrefix(a.header.Get("Content-Type"), "multipart/byteranges; boundary=")
	if !ok || len(boundary) != 32 || a.status != 206 || a.header.Get("Content-Range") != "" {
		t.Fatalf("head %s", a.head)
	}
	want := "--B\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 0-1/10\r\n\r\n01" +
		"\r\n--B\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 4-4/10\r\n\r\n4" +
		"\r\n--B\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 8-9/10\r\n\r\n89" +
		"\r\n--B--\r\n"
	if got := strings.ReplaceAll(a.body, boundary, "B"); got != want {
		t.Errorf("body %q, want %q", got, want)
	}
	if again := s.ask("/a.txt", "Range: bytes=0-1,4-4,-2"); strings.Contains(again.body, boundary) {
		t.Error("the boundary is always the same")
	}
	// Large parts, to a peer that stalls.
	s.pipe.Stall()
	s.pipe.Feed(request("GET", "/large.bin", "Range: bytes=0-199999,300000-"))
	s.pipe.Unstall()
	a = s.parse("GET", s.pipe.Output())
	_, params, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	s.must(err)
	large := digits(500_000)
	got := parts(s, a.body, params["boundary"])
	if len(got) != 2 || !strings.HasSuffix(got[0], "/octet-stream "+large[:200_000]) || !strings.HasSuffix(got[1], "/octet-stream "+large[300_000:]) {
		t.Errorf("%d parts of %d bytes", len(got), len(a.body))
	}
	// And to one that leaves in the middle of it: the kits look for what is lost.
	s.pipe.Stall()
	s.pipe.Feed(request("GET", "/large.bin", "Range: bytes=0-199999,300000-"))
	s.pipe.Break(io.ErrClosedPipe)
}

func TestParseDate(t *testing.T) {
	for text, want := range map[string]int64{
		"Sun, 06 Nov 1994 08:49:37 GMT":  784111777,
		"Sunday, 06-Nov-94 08:49:37 GMT": 784111777,
		"Sun Nov  6 08:49:37 1994":       784111777,
		"Thu, 01 Jan 1970 00:00:00 GMT":  0,
		"Fri, 31 Dec 9999 23:59:59 GMT":  time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).Unix(),
	} {
		if got, ok := parseDate([]byte(text)); !ok || got != want {
			t.Errorf("%s: %d, %v", text, got, ok)
		}
	}
	// Two digits of a year are those of the one that is not more than 50 years ahead (RFC 9110 section 5.6.7).
	now := time.Now().UTC()
	for years, century := range map[int]int{-49: 0, -1: 0, 0: 0, 1: 0, 49: 0, 51: -100} {
		at := time.Date(now.Year()+years, 3, 1, 12, 0, 0, 0, time.UTC)
		want := at.AddDate(century, 0, 0)
		text := at.Format("Monday, 02-Jan-06 15:04:05 GMT")
		if got, ok := parseDate([]byte(text)); !ok || got != want.Unix() {
			t.Errorf("%s: %v, %v, want %v", text, time.Unix(got, 0).UTC(), ok, want)
		}
	}
	for _, text := range []string{"", "now", "Sunday, 06-Nov-94 08:49:37 EST", "Sunday, 06-Nov-94 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 PST", "784111777", strings.Repeat("9", 100),
		"Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT"} {
		if got, ok := parseDate([]byte(text)); ok {
			t.Errorf("%q: %d", text, got)
		}
	}
}
