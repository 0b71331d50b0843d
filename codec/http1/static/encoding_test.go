package static

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/codec/http1"
)

func TestAccepted(t *testing.T) {
	for _, c := range []struct{ fields, want string }{ // fields separated by |; "-" is no field
		{"-", "identity"},
		{"", "identity"},
		{"gzip", "gzip identity"},
		{"GZip", "gzip identity"},
		{"x-gzip", "gzip identity"},
		{"gzip, deflate, br, zstd", "br zstd gzip identity"},
		{"gzip|br", "br gzip identity"},
		{"gzip;q=1, br;q=0.5", "gzip br identity"},
		{"gzip; q=0.999, br ; Q=0.998 ,zstd;q=1.000", "zstd gzip br identity"},
		{"br;q=0", "identity"},
		{"br;q=0.000, gzip", "gzip identity"},
		{"*", "br zstd gzip identity"},
		{"*;q=0.5, gzip", "gzip br zstd identity"},
		{"gzip;q=0.5, *;q=0.1", "gzip br zstd identity"},
		{"gzip, identity;q=0", "gzip"},
		{"gzip, *;q=0", "gzip"},
		{"*;q=0", ""},
		{"identity;q=0", ""},
		{"identity, gzip;q=0.5", "identity gzip"},
		{"identity;q=0.5, gzip;q=0.1", "identity gzip"},
		{"identity;q=0.001, gzip;q=0.001", "gzip identity"},
		{"compress, deflate", "identity"},
		{"gzip;q=2", "identity"},
		{"gzip;q=0.1234", "identity"},
		{"gzip;q=.5", "identity"},
		{"gzip;q=x", "identity"},
		{"gzip;q=", "identity"},
		{"gzip;level=9", "identity"},
		{"gzip;q=1.5", "gzip identity"},
		{", ,gzip,,", "gzip identity"},
	} {
		var h http1.Header
		if c.fields != "-" {
			for value := range strings.SplitSeq(c.fields, "|") {
				h.Add("Accept-Encoding", value)
			}
		}
		a := accepted(&h)
		var names []string
		for _, one := range a.list[:a.n] {
			names = append(names, codingNames[one])
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%q: %q, want %q", c.fields, got, c.want)
		}
	}
}

func TestPrecompressed(t *testing.T) {
	s := newSite(t, Options{Precompressed: true, CacheControl: "no-cache"}, map[string]string{
		"app.js": "0123456789", "app.js.gz": "gzipped", "app.js.br": "brotli", "index.html": "<p>", "index.html.zst": "zstd",
		"old.css": "new", "old.css.gz": "old", "only.css.gz": "only", "plain.txt": "plain", "dir.txt": "file", "dir.txt.gz/": "",
		"out.txt": "here", "out.txt.gz": "-> ../../secret.gz",
	})
	chtimes(s, "old.css", day.Add(time.Second))
	chtimes(s, "app.js.gz", day.Truncate(time.Second)) // as tar leaves it
	s.must(writeFile(s.path("../secret.gz"), "secret"))
	tags := make(map[string]string)
	for _, c := range []struct {
		target, accept string
		status         int
		coding, body   string
	}{
		{"/app.js", "gzip", 200, "gzip", "gzipped"},
		{"/app.js", "gzip, br, zstd", 200, "br", "brotli"},
		{"/app.js", "gzip, br;q=0.1", 200, "gzip", "gzipped"},
		{"/app.js", "zstd", 200, "", "0123456789"},
		{"/app.js", "identity", 200, "", "0123456789"},
		{"/app.js", "br;q=0.5, identity", 200, "", "0123456789"},
		{"/app.js", "identity;q=0, gzip", 200, "gzip", "gzipped"},
		{"/app.js", "identity;q=0, zstd", 406, "", ""},
		{"/app.js", "*;q=0", 406, "", ""},
		{"/app.js.gz", "gzip", 200, "", "gzipped"},
		{"/", "zstd, gzip", 200, "zstd", "zstd"},
		{"/", "gzip", 200, "", "<p>"},
		{"/old.css", "gzip", 200, "", "new"},
		{"/only.css", "gzip", 404, "", ""},
		{"/plain.txt", "gzip, br, zstd", 200, "", "plain"},
		{"/dir.txt", "gzip", 200, "", "file"},
		{"/out.txt", "gzip", 200, "", "here"},
	} {
		for range 2 {
			what := fmt.Sprintf("%s, %s", c.target, c.accept)
			a := s.ask(c.target, "Accept-Encoding: "+c.accept)
			a.want(t, what, c.status, c.body)
			if got := a.header.Get("Content-Encoding"); got != c.coding {
				t.Errorf("%s: coding %q, want %q", what, got, c.coding)
			}
			if c.status == 404 {
				continue
			}
			if a.header.Get("Vary") != "Accept-Encoding" || (a.header.Get("Cache-Control") == "no-cache") != (c.status == 200) {
				t.Errorf("%s: %s", what, a.head)
			}
			if c.status == 200 {
				if tag, ok := tags[c.body]; ok && tag != a.header.Get("ETag") {
					t.Errorf("%s: tag %s, and %s before", what, a.header.Get("ETag"), tag)
				}
				tags[c.body] = a.header.Get("ETag")
			}
		}
	}
	if tags["gzipped"] == tags["brotli"] || tags["gzipped"] == tags["0123456789"] {
		t.Errorf("tags %v are not different", tags)
	}
	a := s.ask("/app.js", "Accept-Encoding: gzip")
	if got := a.header.Get("Content-Type"); got != "text/javascript; charset=utf-8" {
		t.Errorf("type %q", got)
	}
	a = s.ask("/app.js", "Accept-Encoding: gzip", "Range: bytes=1-3", "If-Range: "+tags["gzipped"])
	a.want(t, "range", 206, "zip")
	a = s.ask("/app.js", "Accept-Encoding: gzip", "Range: bytes=1-3", "If-Range: "+tags["0123456789"])
	a.want(t, "range of another coding", 200, "gzipped")
	a = s.ask("/app.js", "Accept-Encoding: gzip", "If-None-Match: "+tags["gzipped"])
	if a.head != "HTTP/1.1 304 Not Modified\nLast-Modified: "+dayText+"\nETag: \"*\"\nVary: Accept-Encoding\nCache-Control: no-cache" {
		t.Errorf("head %s", a.head)
	}
	s.ask("/app.js", "Accept-Encoding: br", "If-None-Match: "+tags["gzipped"]).want(t, "tag of another coding", 200, "brotli")
	s.ask("HEAD /app.js", "Accept-Encoding: br").want(t, "HEAD", 200, "")
}

func TestTypeOf(t *testing.T) {
	own := map[string]string{".md": "text/x-own", ".Q": "text/q"}
	for name, want := range map[string]string{
		"a.html": "text/html; charset=utf-8", "a.HTM": "text/html; charset=utf-8", "a.min.js": "text/javascript; charset=utf-8",
		"dir.css/a": octets, "a": octets, "a.": octets, "a.nosuchextension": octets, "a.svg": "image/svg+xml", "a.json": "application/json",
		"a.md": "text/x-own", "a.MD": "text/x-own", "a.Q": "text/q", "a.tar.gz": "application/gzip", "x/a.woff2": "font/woff2",
		"a.wasm": "application/wasm", "a.mp4": "video/mp4", ".html": "text/html; charset=utf-8",
	} {
		if got := typeOf(name, own); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	for ext, kind := range types {
		if strings.HasPrefix(kind, "text/") && !strings.HasSuffix(kind, "; charset=utf-8") || ext[0] != '.' || ext != strings.ToLower(ext) {
			t.Errorf("%s: %s", ext, kind)
		}
	}
}
