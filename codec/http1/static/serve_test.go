package static

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// TestHeads compares whole heads.
func TestHeads(t *testing.T) {
	content := map[string]string{
		"a.txt": "0123456789", "empty.html": "", "dir/index.html": "<p>index", "dir/x.unknown": "x", "nothing/": "", "large.bin": digits(100_000),
	}
	sent := "Last-Modified: " + dayText + "\nETag: \"*\"\n"
	text := "Content-Type: text/plain; charset=utf-8\n"
	// A cache must not keep, as what a target is, what was said to the fields of one request.
	always := Options{CacheControl: "max-age=31536000, immutable"}
	for _, c := range []struct {
		name, target, fields string
		o                    Options
		want, body           string
	}{
		{"file", "/a.txt", "", Options{},
			"HTTP/1.1 200 OK\n" + text + "Accept-Ranges: bytes\n" + sent + "Content-Length: 10", "0123456789"},
		{"query", "/a.txt?v=2", "", Options{},
			"HTTP/1.1 200 OK\n" + text + "Accept-Ranges: bytes\n" + sent + "Content-Length: 10", "0123456789"},
		{"absolute", "http://h/a.txt", "", Options{},
			"HTTP/1.1 200 OK\n" + text + "Accept-Ranges: bytes\n" + sent + "Content-Length: 10", "0123456789"},
		{"HEAD", "HEAD /a.txt", "", Options{},
			"HTTP/1.1 200 OK\n" + text + "Accept-Ranges: bytes\n" + sent + "Content-Length: 10", ""},
		{"HEAD with Range", "HEAD /a.txt", "Range: bytes=0-1", Options{},
			"HTTP/1.1 200 OK\n" + text + "Accept-Ranges: bytes\n" + sent + "Content-Length: 10", ""},
		{"large", "/large.bin", "", Options{},
			"HTTP/1.1 200 OK\nContent-Type: application/octet-stream\nAccept-Ranges: bytes\n" + sent + "Content-Length: 100000", digits(100_000)},
		{"HEAD large", "HEAD /large.bin", "", Options{},
			"HTTP/1.1 200 OK\nContent-Type: application/octet-stream\nAccept-Ranges: bytes\n" + sent + "Content-Length: 100000", ""},
		{"empty", "/empty.html", "", Options{},
			"HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8\nAccept-Ranges: bytes\n" + sent + "Content-Length: 0", ""},
		{"index", "/dir/", "", Options{},
			"HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8\nAccept-Ranges: bytes\n" + sent + "Content-Length: 8", "<p>index"},
		{"fields", "/dir/x.unknown", "", Options{CacheControl: "no-cache", Header: []Field{{"X-One", "1"}, {"X-Two", "2"}}},
			"HTTP/1.1 200 OK\nContent-Type: application/octet-stream\nAccept-Ranges: bytes\n" + sent +
				"Cache-Control: no-cache\nX-One: 1\nX-Two: 2\nContent-Length: 1", "x"},
		{"own type", "/dir/x.unknown", "", Options{Types: map[string]string{".unknown": "x/y"}},
			"HTTP/1.1 200 OK\nContent-Type: x/y\nAccept-Ranges: bytes\n" + sent + "Content-Length: 1", "x"},
		{"range", "/a.txt", "Range: bytes=2-4", Options{},
			"HTTP/1.1 206 Partial Content\n" + text + "Content-Range: bytes 2-4/10\nAccept-Ranges: bytes\n" + sent + "Content-Length: 3", "234"},
		{"range of large", "/large.bin", "Range: bytes=50000-", Options{},
			"HTTP/1.1 206 Partial Content\nContent-Type: application/octet-stream\nContent-Range: bytes 50000-99999/100000\nAccept-Ranges: bytes\n" +
				sent + "Content-Length: 50000", digits(100_000)[50_000:]},
		{"two Ranges", "/a.txt", "Range: bytes=2-4\r\nRange: bytes=3-4", Options{},
			"HTTP/1.1 200 OK\n" + text + "Accept-Ranges: bytes\n" + sent + "Content-Length: 10", "0123456789"},
		{"no such range", "/a.txt", "Range: bytes=10-", always,
			"HTTP/1.1 416 Range Not Satisfiable\n" + text + "Content-Range: bytes */10\nContent-Length: 26",
			"416 Range Not Satisfiable\n"},
		{"not modified", "/a.txt", "If-Modified-Since: " + dayText, Options{CacheControl: "no-cache"},
			"HTTP/1.1 304 Not Modified\n" + sent + "Cache-Control: no-cache", ""},
		{"failed", "/a.txt", `If-Match: "x"`, always,
			"HTTP/1.1 412 Precondition Failed\n" + text + "Content-Length: 24", "412 Precondition Failed\n"},
		{"not acceptable", "/a.txt", "Accept-Encoding: *;q=0", Options{Precompressed: true, CacheControl: always.CacheControl},
			"HTTP/1.1 406 Not Acceptable\n" + text + "Vary: Accept-Encoding\nContent-Length: 19", "406 Not Acceptable\n"},
		{"redirect", "/dir?a=/b&c", "", Options{},
			"HTTP/1.1 301 Moved Permanently\n" + text + "Location: /dir/?a=/b&c\nContent-Length: 22", "301 Moved Permanently\n"},
		{"no index", "/nothing/", "", Options{},
			"HTTP/1.1 403 Forbidden\n" + text + "Content-Length: 14", "403 Forbidden\n"},
		{"not found", "/b.txt", "", Options{CacheControl: "no-cache"},
			"HTTP/1.1 404 Not Found\n" + text + "Content-Length: 14", "404 Not Found\n"},
		{"HEAD not found", "HEAD /b.txt", "", Options{},
			"HTTP/1.1 404 Not Found\n" + text + "Content-Length: 14", ""},
		{"PUT", "PUT /a.txt", "", Options{},
			"HTTP/1.1 405 Method Not Allowed\n" + text + "Allow: GET, HEAD, OPTIONS\nContent-Length: 23", "405 Method Not Allowed\n"},
		{"OPTIONS", "OPTIONS /a.txt", "", Options{},
			"HTTP/1.1 204 No Content\nAllow: GET, HEAD, OPTIONS", ""},
		{"OPTIONS *", "OPTIONS *", "", Options{},
			"HTTP/1.1 204 No Content\nAllow: GET, HEAD, OPTIONS", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t, c.o, content)
			var fields []string
			if c.fields != "" {
				fields = append(fields, c.fields)
			}
			for _, when := range []string{"not open", "open"} {
				a := s.ask(c.target, fields...)
				if a.head != c.want {
					t.Errorf("%s: head\n%s\nwant\n%s", when, a.head, c.want)
				}
				if a.body != c.body {
					t.Errorf("%s: body %.100q, want %.100q", when, a.body, c.body)
				}
			}
		})
	}
}

// TestPlaces asks for what is there, is not there, and must not be seen.
func TestPlaces(t *testing.T) {
	content := map[string]string{
		"index.html": "root", "a b.txt": "blank", "a/b/c.txt": "deep", "a/b/index.html": "index of b", "100%.txt": "percent",
		".hidden": "secret", "a/.git/config": "secret", ".well-known/acme": "known", "q?.txt": "question", "sub/": "", "alt/index.htm": "other",
	}
	both := []string{"index.html", "index.htm"}
	for _, c := range []struct {
		o      Options
		target string
		status int
		body   string // or Location
	}{
		{Options{}, "/", 200, "root"},
		{Options{}, "http://h", 200, "root"},
		{Options{}, "http://h?x", 200, "root"},
		{Options{}, "/index.html", 200, "root"},
		{Options{}, "/.", 200, "root"},
		{Options{}, "/a/..", 200, "root"},
		{Options{}, "/a%20b.txt", 200, "blank"},
		{Options{}, "/100%25.txt", 200, "percent"},
		{Options{}, "/q%3f.txt", 200, "question"},
		{Options{}, "/a/b/c.txt", 200, "deep"},
		{Options{}, "//a///b//c.txt", 200, "deep"},
		{Options{}, "/x/../a/./b/c.txt", 200, "deep"},
		{Options{}, "/%61/%62/c%2etxt", 200, "deep"},
		{Options{}, "/a/b/", 200, "index of b"},
		{Options{}, "/a/b/.", 200, "index of b"},
		{Options{}, "/a/b", 301, "/a/b/"},
		{Options{}, "//a/b", 301, "/a/b/"},
		{Options{}, "/sub", 301, "/sub/"},
		{Options{}, "/sub/", 403, ""},
		{Options{}, "/a", 301, "/a/"},
		{Options{}, "/a/", 403, ""},
		{Options{}, "/alt/", 403, ""},
		{Options{Index: both}, "/alt/", 200, "other"},
		{Options{Index: both}, "/", 200, "root"},
		{Options{Index: []string{}}, "/", 403, ""},
		{Options{}, "/a/b/c.txt/", 404, ""},
		{Options{}, "/a/b/c.txt/x", 404, ""},
		{Options{}, "/A/b/c.txt", 404, ""},
		{Options{}, "/none/", 404, ""},
		{Options{}, "/none/none", 404, ""},
		{Options{}, "/" + strings.Repeat("x", 300), 404, ""},
		{Options{}, "/" + strings.Repeat("x", 300) + "/", 404, ""},
		{Options{}, "/a%2Fb/c.txt", 404, ""},
		{Options{}, "/a%5Cb%5Cc.txt", 404, ""},
		{Options{}, "/%00", 400, ""},
		{Options{}, "/a/b/c.txt%00", 400, ""},
		{Options{}, "/%zz", 400, ""},
		{Options{}, "/..", 400, ""},
		{Options{}, "/../root/index.html", 400, ""},
		{Options{}, "/a/../../root/index.html", 400, ""},
		{Options{}, "/%2e%2e/root/index.html", 400, ""},
		{Options{}, "/..%2froot/index.html", 404, ""},
		{Options{}, "/..%5croot%5cindex.html", 404, ""},
		{Options{}, "/.hidden", 404, ""},
		{Options{}, "/a/.git/config", 404, ""},
		{Options{}, "/a/.git", 404, ""},
		{Options{}, "/.well-known/acme", 200, "known"},
		{Options{Hidden: true}, "/.hidden", 200, "secret"},
		{Options{Hidden: true}, "/a/.git/config", 200, "secret"},
		{Options{Prefix: "/static/"}, "/static/a/b/c.txt", 200, "deep"},
		{Options{Prefix: "static"}, "/static/", 200, "root"},
		{Options{Prefix: "/static/"}, "/static", 301, "/static/"},
		{Options{Prefix: "/static/"}, "/static/a/b", 301, "/static/a/b/"},
		{Options{Prefix: "/s t/x"}, "/s%20t/x/a/b", 301, "/s%20t/x/a/b/"},
		{Options{Prefix: "/static/"}, "/static/../a/b/c.txt", 404, ""},
		{Options{Prefix: "/static/"}, "/statica/b/c.txt", 404, ""},
		{Options{Prefix: "/static/"}, "/a/b/c.txt", 404, ""},
		{Options{MaxOpen: -1}, "/a/b/c.txt", 200, "deep"},
	} {
		s := newSite(t, c.o, content)
		for range 2 {
			a := s.ask(c.target)
			a.want(t, c.target, c.status, c.body)
			if to := a.header.Get("Location"); c.status == 301 && to != c.body {
				t.Errorf("%s: Location %q, want %q", c.target, to, c.body)
			}
		}
	}
}

// A redirect cannot lead to another host, whatever the directory is called.
func TestRedirectStaysHere(t *testing.T) {
	s := newSite(t, Options{}, map[string]string{`\evil.example/`: "", "evil.example/": "", "http:/": ""})
	for target, want := range map[string]string{
		"//evil.example": "/evil.example/", "/%5Cevil.example": "/%5Cevil.example/", `/.//http:`: "/http%3A/", "/evil.example?//x": "/evil.example/?//x",
	} {
		a := s.ask(target)
		if to := a.header.Get("Location"); a.status != 301 || to != want {
			t.Errorf("%s: %d, Location %q, want %q", target, a.status, to, want)
		}
	}
}

func TestServePath(t *testing.T) {
	s := newSite(t, Options{}, map[string]string{"app.html": "app", "dir/index.html": "index", "sub/": "", ".hidden": "hidden"})
	for _, c := range []struct {
		path, method string
		status       int
		body         string
	}{
		{"app.html", "GET", 200, "app"}, {"app.html", "POST", 405, ""}, {"app.html", "OPTIONS", 405, ""}, {"dir", "GET", 200, "index"},
		{"sub", "GET", 403, ""}, {".", "GET", 403, ""}, {"..", "GET", 404, ""}, {"", "GET", 404, ""}, {"/app.html", "GET", 404, ""},
		{"dir/../app.html", "GET", 404, ""}, {"none", "GET", 404, ""}, {".hidden", "GET", 200, "hidden"}, {"a%20b", "GET", 404, ""},
		{"app.html\x00", "GET", 404, ""},
	} {
		p := pipelinetest.New(t, new(http1.Server).Stage(), http1.Serve(func(x *http1.Ctx, r *http1.Request) error {
			return s.files.ServePath(x, r, c.path)
		}))
		s.send(p, c.method, "/whatever?").want(t, c.method+" "+c.path, c.status, c.body)
	}
}

// What is sent after the times of the machine is not dated.
func TestFuture(t *testing.T) {
	s := newSite(t, Options{}, nil)
	s.write("a.txt", "x")
	chtimes(s, "a.txt", time.Now().Add(time.Hour))
	a := s.ask("/a.txt")
	if a.header.Get("Last-Modified") != "" || a.header.Get("ETag") == "" {
		t.Errorf("head %s", a.head)
	}
	s.ask("/a.txt", "If-Modified-Since: "+time.Now().Add(2*time.Hour).UTC().Format(dateFormat)).want(t, "If-Modified-Since", 200, "x")
	far := map[time.Time]int64{ // in nanoseconds, as far as they are numbers
		time.Unix(0, -1): -1, time.Unix(9223372036, 854775807): math.MaxInt64, time.Unix(9223372036, 854775808): math.MaxInt64,
		time.Date(2400, 1, 1, 0, 0, 0, 0, time.UTC): math.MaxInt64, time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC): math.MinInt64,
	}
	for at, want := range far {
		if got := nanoseconds(at.Unix(), int64(at.Nanosecond())); got != want {
			t.Errorf("%v: %d nanoseconds, want %d", at, got, want)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	for want, o := range map[string]Options{
		"invalid field":                {Header: []Field{{"X", "a\r\nb"}}},
		"static: http1: invalid":       {CacheControl: "\n"},
		`invalid field "Content-Type"`: {Types: map[string]string{".x": "a\nb"}},
		"cannot be the name":           {Index: []string{"a/b"}},
		`"" cannot be`:                 {Index: []string{""}},
		`".." cannot be`:               {Index: []string{".."}},
	} {
		if _, err := Open(dir, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := Open(dir+"/none", Options{}); err == nil || !strings.HasPrefix(err.Error(), "static: ") {
		t.Errorf("no directory: %v", err)
	}
}
