package static

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// FuzzServe asks for anything with any fields. Whatever comes back is a response, and nothing is from outside of the root.
func FuzzServe(f *testing.F) {
	for _, target := range []string{"/", "/a.txt", "/dir", "/dir/", "/../outside/secret", "/link/secret", "/%2e%2e/outside/secret", "/.hidden", "/dir/%00",
		"http://h/a.txt?q", "*", "/dir/..%2f..%2foutside/secret", "//outside/secret"} {
		f.Add("GET", target, "bytes=0-4,-2", `"x", W/"y"`, "gzip;q=0.5, *")
		f.Add("HEAD", target, "bytes=5-", "*", "br")
	}
	s := newSite(f, Options{Precompressed: true, DirectIO: 5000}, map[string]string{
		"a.txt": "0123456789", "a.txt.gz": "gz", "dir/index.html": "index", "dir/b.bin": digits(5000), "link": "-> ../outside", ".hidden": "secret",
		"dir/far": "-> ../../outside/secret",
	})
	s.must(writeFile(s.path("../secret"), "secret"))
	s.write("../outside/secret", "secret")
	f.Fuzz(func(t *testing.T, method, target, ranges, match, encoding string) {
		for _, field := range []string{target, ranges, match, encoding} {
			if strings.ContainsAny(field, "\r\n") {
				return // which would be other requests
			}
		}
		if method != "GET" && method != "HEAD" {
			return
		}
		p := pipelinetest.New(t, new(http1.Server).Stage(), http1.Serve(s.files.Serve))
		p.Feed(request(method, target, "Range: "+ranges, "If-None-Match: "+match, "If-Range: "+match, "Accept-Encoding: "+encoding))
		var out strings.Builder
		for !p.Closed() { // a worker may have something to do
			out.WriteString(p.Output())
			resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(out.String())), &http.Request{Method: method})
			if err == nil {
				if _, err = io.ReadAll(resp.Body); err == nil {
					break
				}
			}
			if err != io.ErrUnexpectedEOF {
				t.Fatalf("%v: %q", err, out.String())
			}
			p.Loop.Wait()
		}
		if strings.Contains(out.String(), "secret") {
			t.Fatalf("%q", out.String())
		}
	})
}

// FuzzTags compares the reading of lists of entity tags with one that cuts them in another way.
func FuzzTags(f *testing.F) {
	for _, list := range []string{`"a"`, `W/"a"`, `"x", "a"`, `"a,b","a"`, `*`, ` , "a"`, `"x" "a"`, `"x`, `a`, `""`, `W/"x" ,W/"a"`} {
		f.Add(list)
	}
	f.Fuzz(func(t *testing.T, list string) {
		var h http1.Header
		h.Add("If-Match", list)
		if h.Err() != nil {
			return
		}
		v := &validators{etag: `"a"`}
		for _, weak := range []bool{false, true} {
			if got, want := v.listed(&h, "If-Match", weak), referenceListed(list, `"a"`, weak); got != want {
				t.Fatalf("%q, weak %v: %v, want %v", list, weak, got, want)
			}
		}
	})
}

// referenceListed looks for commas outside of quotes, and then at what is between them.
func referenceListed(list, tag string, weak bool) bool {
	if list == "*" {
		return true
	}
	quoted, from := false, 0
	for i := 0; i <= len(list); i++ {
		if i < len(list) {
			if list[i] == '"' {
				quoted = !quoted
			}
			if list[i] != ',' || quoted {
				continue
			}
		}
		one := strings.Trim(list[from:i], " \t")
		from = i + 1
		if one == "" {
			continue
		}
		opaque, isWeak := strings.CutPrefix(one, "W/")
		// The first quote ends it; what follows makes this element, and all behind it, count for nothing.
		end := strings.IndexByte(strings.TrimPrefix(opaque, `"`), '"') + 2
		if !strings.HasPrefix(opaque, `"`) || end < 2 || strings.ContainsAny(opaque[:end], " \t\x7f") {
			return false
		}
		if opaque[:end] == tag && (weak || !isWeak) {
			return true
		}
		if end != len(opaque) {
			return false
		}
	}
	return false
}
