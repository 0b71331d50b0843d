package static

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// outside makes a directory beside the root that nobody may see.
func (s *site) outside() string {
	s.Helper()
	dir := filepath.Join(filepath.Dir(s.dir), "outside")
	s.must(os.MkdirAll(dir, 0o755))
	s.must(os.WriteFile(filepath.Join(dir, "secret"), []byte("secret"), 0o644))
	s.must(os.WriteFile(filepath.Join(dir, "index.html"), []byte("secret"), 0o644))
	return dir
}

// TestLinks: links work where they stay in the root.
func TestLinks(t *testing.T) {
	s := newSite(t, Options{}, map[string]string{
		"a/b.txt": "inside", "link": "-> a/b.txt", "dir": "-> a", "a/up": "-> ../a/b.txt", "a/index.html": "-> b.txt", "chain": "-> link",
		"file": "-> ../outside/secret", "folder": "-> ../outside", "a/far": "-> ../../outside/secret", "loop": "-> loop",
		"dangling": "-> none", "out/in": "-> ../../root/a/b.txt", "d2/index.html": "-> ../../outside/index.html", "etc": "-> /etc",
		"proc": "-> /proc/self/root",
	})
	outside := s.outside()
	s.write("absolute", "-> "+outside+"/secret")
	s.write("home", "-> "+s.dir+"/a/b.txt")
	for target, want := range map[string]int{
		"/link": 200, "/dir/b.txt": 200, "/a/up": 200, "/dir/": 200, "/chain": 200, "/dir": 301,
		"/file": 404, "/folder/secret": 404, "/folder/": 404, "/folder": 404, "/a/far": 404, "/absolute": 404, "/loop": 404,
		"/loop/": 404, "/dangling": 404, "/dangling/": 404, "/etc/passwd": 404, "/etc": 404, "/etc/": 404, "/proc/etc/passwd": 404,
		// That lead out on the way, or are absolute, count as outside, wherever they end.
		"/out/in": 404, "/home": 404,
		"/d2/": 403, // there is a directory, but no index
	} {
		for range 2 {
			a := s.ask(target)
			if a.status != want {
				t.Errorf("%s: status %d, want %d", target, a.status, want)
			}
			if want == 200 && a.body != "inside" {
				t.Errorf("%s: %q", target, a.body)
			}
		}
	}
	if n := len(openBelow(t, outside)); n != 0 {
		t.Errorf("%d files outside are open", n)
	}
}

// TestLinksBySlowWay is TestLinks where there is no openat2.
func TestLinksBySlowWay(t *testing.T) {
	s := newSite(t, Options{}, map[string]string{"a/b.txt": "inside", "link": "-> a/b.txt", "file": "-> ../outside/secret", "out": "-> ../outside", "etc": "-> /etc"})
	s.outside()
	s.files.root.slow.Store(true)
	for target, want := range map[string]int{
		"/a/b.txt": 200, "/link": 200, "/file": 404, "/out/secret": 404, "/out": 404, "/etc/passwd": 404, "/a": 301, "/none": 404,
	} {
		for range 2 {
			if a := s.ask(target); a.status != want {
				t.Errorf("%s: status %d, want %d", target, a.status, want)
			}
		}
	}
	if s := s.files.Stats(); s.Hits != 2 {
		t.Errorf("%+v", s)
	}
}

// A directory on the way is exchanged for a link to the outside, again and again, while files below it are asked for.
func TestRenameRace(t *testing.T) {
	for _, slow := range []bool{false, true} {
		s := newSite(t, Options{MaxOpen: 2}, map[string]string{"here/secret": "public", "here/index.html": "public"})
		s.files.root.slow.Store(slow)
		outside := s.outside()
		s.must(os.Symlink(outside, s.path("link")))
		stop := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				os.Rename(s.path("here"), s.path("away"))
				os.Rename(s.path("link"), s.path("here"))
				os.Rename(s.path("here"), s.path("link"))
				os.Rename(s.path("away"), s.path("here"))
			}
		})
		seen := make(map[int]int)
		for i := 0; i < 700 || seen[200] == 0 && i < 200_000; i++ { // on a busy machine the other goroutine may stand still for a while
			for _, target := range []string{"/here/secret", "/here/"} {
				a := s.ask(target)
				seen[a.status]++
				if strings.Contains(a.body, "secret") {
					t.Fatalf("%s: %q", target, a.body)
				}
				if a.status != 200 && a.status != 404 && a.status != 503 && (a.status != 403 || target != "/here/") {
					t.Fatalf("%s: status %d", target, a.status)
				}
			}
		}
		close(stop)
		wg.Wait()
		if seen[200] == 0 {
			t.Errorf("seen %v: nothing has happened", seen)
		}
	}
}

// What is not a file is not opened.
func TestNotRegular(t *testing.T) {
	s := newSite(t, Options{List: true}, nil)
	s.must(unix.Mkfifo(s.path("pipe"), 0o644))
	l, err := net.Listen("unix", s.path("socket"))
	s.must(err)
	defer l.Close()
	for range 2 {
		s.ask("/pipe").want(t, "/pipe", 404, "")
		s.ask("/pipe/").want(t, "/pipe/", 404, "")
		s.ask("/socket").want(t, "/socket", 404, "")
	}
	dev, err := Open("/dev", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	d := &site{TB: t, dir: "/dev", files: dev}
	d.pipe = d.connect()
	d.ask("/null").want(t, "/dev/null", 404, "")
	d.ask("/fd/0").want(t, "/dev/fd/0", 404, "")
	// As if it had become a pipe a moment after it was looked at: opening it does not wait for a writer.
	fd, err := s.files.root.openat2("pipe", openFlags)
	s.must(err)
	s.must(unix.Close(fd))
}

// askAsNobody is ask as a user who owns nothing: root may read everything.
func (s *site) askAsNobody(target string) answer {
	s.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if os.Geteuid() == 0 {
		unix.SetfsuidRetUid(65534)
		defer unix.SetfsuidRetUid(0)
	}
	return s.ask(target)
}

// Permissions that are taken away are missing at once.
func TestForbidden(t *testing.T) {
	s := newSite(t, Options{}, map[string]string{"a.txt": "a", "dir/b.txt": "b"})
	ask := func(target string, status int, body string) {
		t.Helper()
		s.askAsNobody(target).want(t, target, status, body)
	}
	ask("/a.txt", 200, "a")
	ask("/dir/b.txt", 200, "b")
	s.must(os.Chmod(s.path("a.txt"), 0))
	s.must(os.Chmod(s.path("dir"), 0))
	for range 2 {
		ask("/a.txt", 403, "")
		ask("/dir/b.txt", 403, "")
		ask("/dir/none", 403, "")
	}
	s.must(os.Chmod(s.path("dir"), 0o755))
	ask("/dir/b.txt", 200, "b")
}

// What is outside is not told, be it that it may not be seen.
func TestForbiddenOutside(t *testing.T) {
	s := newSite(t, Options{}, map[string]string{"file": "-> ../outside/secret", "folder": "-> ../outside", "none": "-> ../outside/none"})
	outside := s.outside()
	s.must(os.Chmod(outside, 0))
	defer os.Chmod(outside, 0o755)
	for _, slow := range []bool{false, true} {
		s.files.root.slow.Store(slow)
		for _, target := range []string{"/file", "/folder", "/folder/", "/folder/secret", "/none"} {
			s.askAsNobody(target).want(t, target, 404, "")
		}
	}
}
