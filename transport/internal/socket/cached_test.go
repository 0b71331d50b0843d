//go:build linux

package socket_test

import (
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/transport/internal/socket"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

func TestCached(t *testing.T) {
	const size = 4 << 20
	f := sockettest.BigFile(t, size)
	fd := int(f.Fd())
	ask := func(name string, cached func(off int64, n int) bool) {
		t.Run(name, func(t *testing.T) {
			socket.ReadAhead(fd, 0, size, make([]byte, 64<<10))
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
			if socket.Probe(fd, size/2) {
				t.Skip("the file system keeps its pages")
			}
			if cached(0, size) {
				t.Errorf("cold: all is said to be in memory")
			}
			if cached(1<<20, 1<<20) {
				t.Errorf("cold: a range is said to be in memory")
			}
			socket.ReadAhead(fd, 1<<20, 1<<20, make([]byte, 64<<10))
			if !cached(1<<20, 1<<20) {
				t.Errorf("read ahead: the range is said not to be in memory")
			}
		})
	}
	ask("cachestat", func(off int64, n int) bool { return socket.Cached(fd, off, n) })
	if unknown := socket.NoCachestat(true); unknown {
		t.Log("this kernel has no cachestat")
	} else {
		defer socket.NoCachestat(false)
	}
	ask("probe", func(off int64, n int) bool { return socket.Cached(fd, off, n) })
}

// A kernel that does not tell who may only read a file what is cached of it is asked about the next file all the same.
func TestCachedOfOthers(t *testing.T) {
	if socket.NoCachestat(false) {
		t.Fatal("this kernel has no cachestat, or a test has left it so")
	}
	f := sockettest.BigFile(t, 1<<20)
	if err := f.Chmod(0o644); err != nil {
		t.Fatal(err)
	}
	read, err := os.Open(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	fd := int(read.Fd())
	socket.ReadAhead(fd, 0, 1<<20, make([]byte, 64<<10))
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	old, err := unix.SetfsuidRetUid(65534) // of this thread
	if err != nil {
		t.Fatal(err)
	}
	ok := socket.Cached(fd, 0, 1<<20)
	unix.SetfsuidRetUid(old)
	if !ok {
		t.Error("what is in memory is said not to be")
	}
	if socket.NoCachestat(false) {
		t.Error("cachestat is given up")
	}
}

// Beyond the end of a file nothing is in memory, or all is: either way the sender finds out that the file is shorter.
func TestReadAheadBeyondEnd(t *testing.T) {
	f := sockettest.BigFile(t, 4096)
	socket.ReadAhead(int(f.Fd()), 0, 1<<20, make([]byte, 4096))
	socket.ReadAhead(int(f.Fd()), 1<<20, 10, make([]byte, 4096))
	socket.ReadAhead(-1, 0, 10, make([]byte, 4096))
}

// Jobs that wait for a disk run a few at a time, all of them, and none after close.
func TestFetcher(t *testing.T) {
	f := socket.NewFetcher()
	const jobs = 5 * socket.MaxFetchers
	release, ran := make(chan struct{}), make(chan int, jobs)
	for i := range jobs {
		if !f.Submit(func(scratch []byte) {
			<-release
			ran <- i
		}) {
			t.Fatal("a job was refused")
		}
	}
	if n := f.Workers(); n > socket.MaxFetchers {
		t.Errorf("%d goroutines, want at most %d", n, socket.MaxFetchers)
	}
	f.Close()
	if f.Submit(func([]byte) { t.Error("a job ran after close") }) {
		t.Error("a job was taken after close")
	}
	close(release)
	seen := make(map[int]bool)
	for range jobs {
		seen[sockettest.Await(t, "a job", ran)] = true
	}
	if len(seen) != jobs {
		t.Errorf("%d of %d jobs ran", len(seen), jobs)
	}
	sockettest.Eventually(t, "the workers to end", func() bool { return f.Workers() == 0 })
}
