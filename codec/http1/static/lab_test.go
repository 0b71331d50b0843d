package static

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// day is when the files of a site were changed last.
var day = time.Date(2024, time.February, 29, 12, 0, 0, 123456789, time.UTC)

const dayText = "Thu, 29 Feb 2024 12:00:00 GMT"

// A site is a directory that is served, and a peer that asks for what is in it.
type site struct {
	testing.TB
	dir   string // the root
	files *Files
	pipe  *pipelinetest.Pipe
}

// newSite makes a directory of files by their paths. One that ends with a slash is a directory; a content "-> x" is a link.
func newSite(t testing.TB, o Options, content map[string]string) *site {
	t.Helper()
	s := &site{TB: t, dir: filepath.Join(t.TempDir(), "root")}
	s.mkdir("")
	for path, text := range content {
		s.write(path, text)
	}
	s.open(o)
	return s
}

func (s *site) open(o Options) {
	s.Helper()
	files, err := Open(s.dir, o)
	if err != nil {
		s.Fatal(err)
	}
	s.files = files
	s.Cleanup(func() {
		files.Close()
		if open := openBelow(s, s.dir); len(open) != 0 {
			s.Errorf("left open: %v", open)
		}
	})
	s.pipe = s.connect()
}

// connect returns another peer.
func (s *site) connect() *pipelinetest.Pipe {
	return pipelinetest.New(s.TB, new(http1.Server).Stage(), http1.Serve(s.files.Serve))
}

func (s *site) path(p string) string { return filepath.Join(s.dir, filepath.FromSlash(p)) }

func (s *site) mkdir(p string) {
	s.Helper()
	s.must(os.MkdirAll(s.path(p), 0o755))
}

func (s *site) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// write makes a file anew, changed at day.
func (s *site) write(p, text string) {
	s.Helper()
	s.mkdir(filepath.Dir(p))
	switch link, ok := strings.CutPrefix(text, "-> "); {
	case ok:
		s.must(os.Symlink(link, s.path(p)))
	case strings.HasSuffix(p, "/"):
		s.mkdir(p)
	default:
		s.must(os.WriteFile(s.path(p), []byte(text), 0o644))
		s.must(os.Chtimes(s.path(p), day, day))
	}
}

// An answer is a response as the peer got it.
type answer struct {
	status int
	head   string // without Date, and with "*" for what differs from run to run: entity tags
	header http.Header
	body   string
}

// ask sends a request: a target, perhaps with a method in front, and fields.
func (s *site) ask(target string, fields ...string) answer {
	s.Helper()
	method, rest, ok := strings.Cut(target, " ")
	if !ok {
		method, rest = "GET", target
	}
	return s.send(s.pipe, method, rest, fields...)
}

func (s *site) send(p *pipelinetest.Pipe, method, target string, fields ...string) answer {
	s.Helper()
	p.Feed(request(method, target, fields...))
	return s.parse(method, p.Output())
}

func request(method, target string, fields ...string) string {
	return method + " " + target + " HTTP/1.1\r\nHost: h\r\n" + strings.Join(append(fields, ""), "\r\n") + "\r\n"
}

var (
	dateField = regexp.MustCompile(`(?m)^Date: .*\r\n`)
	tagField  = regexp.MustCompile(`(?m)^ETag: "[-_A-Za-z0-9]{16}"`)
)

// parse reads one response, which must be all there is.
func (s *site) parse(method, out string) answer {
	s.Helper()
	in := bufio.NewReader(strings.NewReader(out))
	resp, err := http.ReadResponse(in, &http.Request{Method: method})
	if err != nil {
		s.Fatalf("%v in the response %.1000q", err, out)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.Fatalf("%v in the body of %.1000q", err, out)
	}
	if n := in.Buffered(); n > 0 {
		s.Fatalf("%d bytes follow the response: %.1000q", n, out)
	}
	head, _, _ := strings.Cut(out, "\r\n\r\n")
	head = tagField.ReplaceAllString(dateField.ReplaceAllString(head, ""), `ETag: "*"`)
	return answer{resp.StatusCode, strings.ReplaceAll(head, "\r\n", "\n"), resp.Header, string(body)}
}

// want compares an answer with its status, and with its body if there is one.
func (a answer) want(t testing.TB, what string, status int, body string) {
	t.Helper()
	if a.status != status {
		t.Errorf("%s: status %d, want %d", what, a.status, status)
	}
	if status < 300 && a.body != body {
		t.Errorf("%s: body %.200q, want %.200q", what, a.body, body)
	}
	if status >= 400 && a.body != fmt.Sprintf("%d %s\n", status, http1.StatusText(status)) {
		t.Errorf("%s: body %.200q of an error", what, a.body)
	}
}

// wait runs the loop of a peer until it has got something.
func wait(p *pipelinetest.Pipe) string {
	for {
		if out := p.Output(); out != "" {
			return out
		}
		p.Loop.Wait()
	}
}

// digits returns n bytes that are different everywhere.
func digits(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "%09d ", i)
	}
	return b.String()[:n]
}

func chtimes(s *site, p string, at time.Time) {
	s.Helper()
	s.must(os.Chtimes(s.path(p), at, at))
}

func writeFile(name, text string) error { return os.WriteFile(name, []byte(text), 0o644) }

// openBelow returns the files below a directory that this process has open.
func openBelow(t testing.TB, dir string) (open []string) {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil && runtime.GOOS == "linux" {
		t.Fatal(err)
	}
	for _, e := range all {
		if to, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.HasPrefix(to, dir) {
			open = append(open, to)
		}
	}
	return open
}
