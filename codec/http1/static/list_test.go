package static

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
)

// later asks for what is answered by a worker.
func (s *site) later(target string) answer {
	s.Helper()
	s.pipe.Feed(request("GET", target))
	return s.parse("GET", wait(s.pipe))
}

var link = regexp.MustCompile(`<a href="([^"]*)">([^<]*)</a></td><td>([0-9]*)</td>`)

func TestList(t *testing.T) {
	evil := "<script>alert('1')&\".txt"
	s := newSite(t, Options{List: true, Header: []Field{{"X-One", "1"}}}, map[string]string{
		"b.txt": "12345", "a.txt": "1", "sub/c.txt": "x", "javascript:alert(1)": "x", evil: "x", "\xff": "xx", ".hidden": "x", "a b": "x",
		"deep/<b>/x": "", "has/index.html": "index",
	})
	a := s.later("/")
	if a.head != "HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8\nX-One: 1\nContent-Length: "+fmt.Sprint(len(a.body)) {
		t.Errorf("head %s", a.head)
	}
	var got []string
	for _, m := range link.FindAllStringSubmatch(a.body, -1) {
		got = append(got, m[1]+" "+m[2]+" "+m[3])
	}
	want := []string{
		"./deep/ deep/ ", "./has/ has/ ", "./sub/ sub/ ",
		"./%3Cscript%3Ealert%28%271%27%29%26%22.txt &lt;script&gt;alert(&#39;1&#39;)&amp;&#34;.txt 1",
		"./a%20b a b 1", "./a.txt a.txt 1", "./b.txt b.txt 5", "./javascript%3Aalert%281%29 javascript:alert(1) 1", "./%FF \uFFFD 2",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("links\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if strings.Contains(a.body, "<script") || strings.Contains(a.body, "2024-02-29 12:00:00") == false {
		t.Errorf("body %s", a.body)
	}
	for _, href := range []string{"/%3Cscript%3Ealert%28%271%27%29%26%22.txt", "/a%20b", "/javascript%3Aalert%281%29", "/%FF"} { // they lead there
		if a := s.ask(href); a.status != 200 {
			t.Errorf("%s: %d", href, a.status)
		}
	}
	a = s.later("/deep/%3Cb%3E/")
	if !strings.Contains(a.body, "<h1>/deep/&lt;b&gt;/</h1>") || !strings.Contains(a.body, `<a href="../">../</a>`) {
		t.Errorf("body %s", a.body)
	}
	s.ask("/has/").want(t, "a directory with an index", 200, "index")
	s.ask("/none/").want(t, "no directory", 404, "")
	s.ask("/sub").want(t, "without a slash", 301, "")
	s.ask("/.hidden/").want(t, "hidden", 404, "")
}

func TestListHidden(t *testing.T) {
	s := newSite(t, Options{List: true, Hidden: true, Prefix: "/files/"}, map[string]string{".hidden": "x"})
	if a := s.later("/files/"); !strings.Contains(a.body, `"./.hidden"`) || !strings.Contains(a.body, "<h1>/files/</h1>") {
		t.Errorf("body %s", a.body)
	}
}

// A list has an end.
func TestListLong(t *testing.T) {
	s := newSite(t, Options{List: true}, nil)
	for i := range maxListed + 300 {
		s.must(os.Symlink("nowhere", s.path(fmt.Sprint(i)))) // which takes less time than to make a file
	}
	a := s.later("/")
	if n := strings.Count(a.body, "<tr><td>"); n != maxListed {
		t.Errorf("%d lines", n)
	}
	if !strings.Contains(a.body, "There are more.") {
		t.Error("it does not say that there are more")
	}
}

// So has its page, whatever the names are.
func TestListLarge(t *testing.T) {
	items := make([]item, maxListed)
	for i := range items {
		items[i].name = fmt.Sprintf("%05d", i) + strings.Repeat(`"`, 250)
	}
	page := string(appendList(nil, "/", items, false))
	if len(page) > maxPage+10_000 {
		t.Errorf("%d bytes", len(page))
	}
	if !strings.HasSuffix(page, "<p>There are more.</p>\n</body></html>\n") {
		t.Errorf("it ends with %q", page[len(page)-100:])
	}
}

// A list has no validators (RFC 9110 section 13.1).
func TestListConditions(t *testing.T) {
	s := newSite(t, Options{List: true}, map[string]string{"dir/a": ""})
	for fields, status := range map[string]int{
		`If-Match: "x"`: 412, "If-None-Match: *": 304, `If-Match: "x"|If-None-Match: *`: 412,
		"If-Match: *": 200, `If-None-Match: "x"`: 200, "If-Modified-Since: " + dayText: 200, "If-Unmodified-Since: " + dayText: 200,
		"Range: bytes=0-1": 200,
	} {
		s.pipe.Feed(request("GET", "/dir/", strings.Split(fields, "|")...))
		if a := s.parse("GET", wait(s.pipe)); a.status != status {
			t.Errorf("%s: status %d, want %d", fields, a.status, status)
		}
	}
}

// A peer that is gone when its list is ready, and a directory that is gone then.
func TestListTooLate(t *testing.T) {
	s := newSite(t, Options{List: true}, map[string]string{"dir/a": ""})
	proceed := s.holdWorkers()
	s.pipe.Feed(request("GET", "/dir/"))
	other := s.connect()
	other.Feed(request("GET", "/dir/"))
	s.pipe.Break(io.ErrClosedPipe)
	s.must(os.RemoveAll(s.path("dir")))
	close(proceed)
	s.parse("GET", wait(other)).want(t, "removed", 404, "")
	s.pipe.Loop.Wait()

	proceed = s.holdWorkers()
	s.write("dir/a", "")
	last := s.connect()
	last.Feed(request("GET", "/dir/"))
	s.must(s.files.Close())
	close(proceed)
	s.parse("GET", wait(last)).want(t, "closed", 503, "")
}

// holdWorkers keeps all workers busy until proceed is closed.
func (s *site) holdWorkers() (proceed chan struct{}) {
	proceed = make(chan struct{})
	for range channel.MaxWorkers {
		s.files.workers.Do(func() { <-proceed })
	}
	return proceed
}
