//go:build linux

package socket

import (
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// noCachestat is set when the kernel does not know cachestat(2), which came with 6.5.
var noCachestat atomic.Bool

// cached tells whether n bytes of a file are in the page cache, as far as the kernel tells: if it does not, they count as
// cached.
func cached(fd int, off int64, n int) bool {
	if !noCachestat.Load() {
		r := unix.CachestatRange{Off: uint64(off), Len: uint64(n)}
		var s unix.Cachestat_t
		switch err := unix.Cachestat(uint(fd), &r, &s, 0); err {
		case nil:
			page := uint64(unix.Getpagesize())
			pages := (r.Off+r.Len+page-1)/page - r.Off/page
			return s.Cache >= pages
		case unix.ENOSYS:
			noCachestat.Store(true)
		case unix.EPERM: // since 6.14 for a file that is somebody else's and may not be written; or by a filter of system calls
		default: // a file system without a page cache of its own
			return true
		}
	}
	return probe(fd, off) && probe(fd, off+int64(n)-1)
}

// probe tells whether one byte of a file is in the page cache.
func probe(fd int, off int64) bool {
	var p [1]byte
	_, err := unix.Preadv2(fd, [][]byte{p[:]}, off, unix.RWF_NOWAIT)
	return err != unix.EAGAIN
}

// readAhead reads n bytes of a file and forgets them, which leaves them in the page cache. Errors show when they are sent.
func readAhead(fd int, off int64, n int, scratch []byte) {
	for n > 0 {
		m, err := unix.Pread(fd, scratch[:min(n, len(scratch))], off)
		if m <= 0 || err != nil && err != unix.EINTR {
			return
		}
		off, n = off+int64(m), n-m
	}
}

// fetcher runs jobs that wait for disks, a few at a time. Jobs wait in line; there is at most one per connection.
type fetcher struct {
	mu      sync.Mutex
	jobs    []func(scratch []byte)
	workers int
	closed  bool
}

const maxFetchers = 16

func newFetcher() *fetcher { return new(fetcher) }

// submit runs job soon, on another goroutine, and tells whether it will.
func (f *fetcher) submit(job func([]byte)) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return false
	}
	f.jobs = append(f.jobs, job)
	if f.workers < maxFetchers {
		f.workers++
		go f.work()
	}
	return true
}

// work runs jobs until none is left.
func (f *fetcher) work() {
	scratch := make([]byte, 128<<10)
	for {
		f.mu.Lock()
		if len(f.jobs) == 0 {
			f.workers--
			f.mu.Unlock()
			return
		}
		job := f.jobs[0]
		f.jobs = f.jobs[1:]
		f.mu.Unlock()
		job(scratch)
	}
}

// close refuses jobs from now on. Those in line still run.
func (f *fetcher) close() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
}
