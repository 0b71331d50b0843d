package static

import (
	"fmt"
	"os"
	"testing"
	"time"
)

// TestCoherent changes a file between two requests in all ways there are. The second request sees what is there then.
func TestCoherent(t *testing.T) {
	for name, change := range map[string]struct {
		do     func(s *site)
		status int
		body   string
	}{
		"replaced": {func(s *site) {
			s.must(writeFile(s.path("new"), "abcdefghij"))
			s.must(os.Rename(s.path("new"), s.path("a.txt")))
		}, 200, "abcdefghij"},
		"replaced by one of the same size and time": {func(s *site) {
			s.write("new", "abcdefghij")
			s.must(os.Rename(s.path("new"), s.path("a.txt")))
		}, 200, "abcdefghij"},
		"edited in place": {func(s *site) {
			edit(s, "a.txt", 3, "abc")
		}, 200, "012abc6789"},
		"edited in place, with the time set back": {func(s *site) {
			edit(s, "a.txt", 3, "abc")
			chtimes(s, "a.txt", day)
		}, 200, "012abc6789"},
		"written anew": {func(s *site) {
			s.must(writeFile(s.path("a.txt"), "longer than before"))
		}, 200, "longer than before"},
		"appended to": {func(s *site) {
			edit(s, "a.txt", 10, "abc")
		}, 200, "0123456789abc"},
		"truncated": {func(s *site) {
			s.must(os.Truncate(s.path("a.txt"), 4))
		}, 200, "0123"},
		"emptied": {func(s *site) {
			s.must(os.Truncate(s.path("a.txt"), 0))
		}, 200, ""},
		"removed": {func(s *site) {
			s.must(os.Remove(s.path("a.txt")))
		}, 404, ""},
		"renamed": {func(s *site) {
			s.must(os.Rename(s.path("a.txt"), s.path("b.txt")))
		}, 404, ""},
		"removed and made again": {func(s *site) {
			s.must(os.Remove(s.path("a.txt")))
			s.write("a.txt", "9876543210")
		}, 200, "9876543210"},
		"made a directory": {func(s *site) {
			s.must(os.Remove(s.path("a.txt")))
			s.mkdir("a.txt")
		}, 301, ""},
		"made a link": {func(s *site) {
			s.must(os.Rename(s.path("a.txt"), s.path("b.txt")))
			s.must(os.Symlink("b.txt", s.path("a.txt")))
		}, 200, "0123456789"},
		"made a link to the outside": {func(s *site) {
			s.must(writeFile(s.path("../secret"), "secret"))
			s.must(os.Remove(s.path("a.txt")))
			s.must(os.Symlink("../secret", s.path("a.txt")))
		}, 404, ""},
		"touched": {func(s *site) {
			chtimes(s, "a.txt", day.Add(time.Hour))
		}, 200, "0123456789"},
	} {
		for _, max := range []int{0, -1} {
			s := newSite(t, Options{MaxOpen: max}, map[string]string{"a.txt": "0123456789"})
			before := s.ask("/a.txt")
			before.want(t, name, 200, "0123456789")
			tag := before.header.Get("ETag")
			s.tick()
			change.do(s)
			s.ask("/a.txt").want(t, name, change.status, change.body)
			after := s.ask("/a.txt", "If-None-Match: "+tag)
			after.want(t, name+", conditional", change.status, change.body)
			if to := after.header.Get("ETag"); to == tag {
				t.Errorf("%s: the tag is still %s", name, tag)
			}
			again := s.ask("/a.txt")
			if again.header.Get("ETag") != after.header.Get("ETag") {
				t.Errorf("%s: the tag has become %s without another change", name, again.header.Get("ETag"))
			}
			if max := s.files.Stats().Open; max > 1 {
				t.Errorf("%s: %d files are open", name, max)
			}
		}
	}
}

// tick waits until the clock of the file system has moved, which may take some milliseconds on kernels before 6.13.
func (s *site) tick() {
	s.Helper()
	var first time.Time
	for {
		s.must(writeFile(s.path("../clock"), "x"))
		info, err := os.Stat(s.path("../clock"))
		s.must(err)
		if first.IsZero() {
			first = info.ModTime()
		} else if info.ModTime() != first {
			return
		}
	}
}

// edit writes into a file that stays the same one.
func edit(s *site, p string, off int64, text string) {
	s.Helper()
	f, err := os.OpenFile(s.path(p), os.O_WRONLY, 0)
	s.must(err)
	_, err = f.WriteAt([]byte(text), off)
	s.must(err)
	s.must(f.Close())
}

// A directory above the file is exchanged.
func TestCoherentAbove(t *testing.T) {
	s := newSite(t, Options{}, map[string]string{"release1/a.txt": "one", "release2/a.txt": "two", "current": "-> release1"})
	s.ask("/current/a.txt").want(t, "before", 200, "one")
	s.must(os.Symlink("release2", s.path("next")))
	s.must(os.Rename(s.path("next"), s.path("current")))
	s.ask("/current/a.txt").want(t, "after", 200, "two")
	s.must(os.Rename(s.path("release2"), s.path("away")))
	s.ask("/current/a.txt").want(t, "gone", 404, "")
}

// What is being sent is what was there when the request came.
func TestReplacedWhileSent(t *testing.T) {
	s := newSite(t, Options{MaxOpen: 1}, map[string]string{"a.bin": digits(100_000)})
	s.pipe.Stall()
	s.pipe.Feed(request("GET", "/a.bin"))
	s.must(writeFile(s.path("new"), "new"))
	s.must(os.Rename(s.path("new"), s.path("a.bin")))
	s.send(s.connect(), "GET", "/a.bin").want(t, "meanwhile", 200, "new")
	s.pipe.Unstall()
	s.parse("GET", s.pipe.Output()).want(t, "the first", 200, digits(100_000))
}

// One that becomes shorter while it is sent ends the connection, so that the peer knows.
func TestShrinksWhileSent(t *testing.T) {
	s := newSite(t, Options{}, map[string]string{"a.bin": digits(100_000)})
	s.pipe.Stall()
	s.pipe.Feed(request("GET", "/a.bin"))
	s.must(os.Truncate(s.path("a.bin"), 5000))
	s.pipe.Unstall()
	if !s.pipe.Aborted() {
		t.Errorf("%d bytes were sent, and the connection is not aborted", len(s.pipe.Output()))
	}
}

func TestStats(t *testing.T) {
	content := make(map[string]string)
	for i := range 5 {
		content[fmt.Sprint("f", i)] = fmt.Sprint("content ", i)
	}
	s := newSite(t, Options{MaxOpen: 3}, content)
	want := func(what string, w Stats) {
		t.Helper()
		got := s.files.Stats()
		got.Calls = 0 // they depend on the system
		if got != w {
			t.Errorf("%s: %+v, want %+v", what, got, w)
		}
	}
	get := func(i int) {
		t.Helper()
		s.ask(fmt.Sprint("/f", i)).want(t, fmt.Sprint(i), 200, content[fmt.Sprint("f", i)])
	}
	get(0)
	get(1)
	get(2)
	want("three", Stats{Open: 3, Misses: 3})
	get(0)
	get(3) // 1 was asked for longest ago
	want("a fourth", Stats{Open: 3, Hits: 1, Looks: 1, Misses: 4, Evicted: 1})
	get(0)
	get(2)
	get(3)
	want("again", Stats{Open: 3, Hits: 4, Looks: 4, Misses: 4, Evicted: 1})
	get(1)
	want("and the one that was closed", Stats{Open: 3, Hits: 4, Looks: 4, Misses: 5, Evicted: 2})
	s.write("f1", "changed")
	content["f1"] = "changed"
	get(1)
	want("a change", Stats{Open: 3, Hits: 4, Looks: 4, Misses: 6, Changed: 1, Evicted: 2})
	s.must(os.Remove(s.path("f1")))
	s.ask("/f1").want(t, "removed", 404, "")
	want("removed", Stats{Open: 2, Hits: 4, Looks: 4, Misses: 6, Changed: 2, Evicted: 2})
	s.files.cache.shed()
	want("half", Stats{Open: 1, Hits: 4, Looks: 4, Misses: 6, Changed: 2, Evicted: 3})
	s.must(s.files.Close())
	want("closed", Stats{Hits: 4, Looks: 4, Misses: 6, Changed: 2, Evicted: 3})
	s.ask("/f0").want(t, "closed", 503, "")
	s.must(s.files.Close())
}

// Files that are being sent when a Files is closed are sent.
func TestCloseWhileSending(t *testing.T) {
	s := newSite(t, Options{}, map[string]string{"a.bin": digits(100_000)})
	s.pipe.Stall()
	s.pipe.Feed(request("GET", "/a.bin"))
	s.must(s.files.Close())
	s.pipe.Unstall()
	s.parse("GET", s.pipe.Output()).want(t, "a.bin", 200, digits(100_000))
}
