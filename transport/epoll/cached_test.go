//go:build linux

package epoll

import (
	"bytes"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// bigFile returns a file whose pages are clean.
func bigFile(t *testing.T, size int) *os.File {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if _, err := f.Write(bytes.Repeat([]byte("0123456789abcdef"), size/16)); err != nil {
		t.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestCached(t *testing.T) {
	const size = 4 << 20
	f := bigFile(t, size)
	fd := int(f.Fd())
	ask := func(name string, cached func(off int64, n int) bool) {
		t.Run(name, func(t *testing.T) {
			readAhead(fd, 0, size, make([]byte, 64<<10))
			for _, r := range []struct {
				off int64
				n   int
			}{{0, size}, {0, 1}, {1, 4096}, {4095, 2}, {size - 1, 1}, {12345, 1 << 20}} {
				if !cached(r.off, r.n) {
					t.Errorf("warm: %d bytes at %d are said not to be in memory", r.n, r.off)
				}
			}
			if err := unix.Fadvise(fd, 0, 0, unix.FADV_DONTNEED); err != nil {
				t.Skipf("fadvise: %v", err)
			}
			if probe(fd, size/2) {
				t.Skip("the file system keeps its pages")
			}
			if cached(0, size) {
				t.Errorf("cold: all is said to be in memory")
			}
			if cached(1<<20, 1<<20) {
				t.Errorf("cold: a range is said to be in memory")
			}
			readAhead(fd, 1<<20, 1<<20, make([]byte, 64<<10))
			if !cached(1<<20, 1<<20) {
				t.Errorf("read ahead: the range is said not to be in memory")
			}
		})
	}
	ask("cachestat", func(off int64, n int) bool { return cached(fd, off, n) })
	if noCachestat.Load() {
		t.Log("this kernel has no cachestat")
	}
	ask("probe", func(off int64, n int) bool {
		old := noCachestat.Swap(true)
		defer noCachestat.Store(old)
		return cached(fd, off, n)
	})
}

// Beyond the end of a file nothing is in memory, or all is: either way the sender finds out that the file is shorter.
func TestReadAheadBeyondEnd(t *testing.T) {
	f := bigFile(t, 4096)
	readAhead(int(f.Fd()), 0, 1<<20, make([]byte, 4096))
	readAhead(int(f.Fd()), 1<<20, 10, make([]byte, 4096))
	readAhead(-1, 0, 10, make([]byte, 4096))
}

// Jobs that wait for a disk run a few at a time, all of them, and none after close.
func TestFetcher(t *testing.T) {
	f := newFetcher()
	const jobs = 5 * maxFetchers
	release, ran := make(chan struct{}), make(chan int, jobs)
	for i := range jobs {
		if !f.submit(func(scratch []byte) {
			<-release
			ran <- i
		}) {
			t.Fatal("a job was refused")
		}
	}
	f.mu.Lock()
	if f.workers > maxFetchers {
		t.Errorf("%d goroutines, want at most %d", f.workers, maxFetchers)
	}
	f.mu.Unlock()
	f.close()
	if f.submit(func([]byte) { t.Error("a job ran after close") }) {
		t.Error("a job was taken after close")
	}
	close(release)
	seen := make(map[int]bool)
	for range jobs {
		seen[await(t, "a job", ran)] = true
	}
	if len(seen) != jobs {
		t.Errorf("%d of %d jobs ran", len(seen), jobs)
	}
	eventually(t, "the workers to end", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.workers == 0
	})
}
