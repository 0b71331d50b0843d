//go:build linux

package socket

import (
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// What the tests of this package, which run on all pollers and so stand outside of it, see of its inside.

// Limits of the package.
const (
	MaxAccepts  = maxAccepts
	MaxFetchers = maxFetchers
)

// WakeUp is Loop.wake.
func (l *Loop) WakeUp() { l.wake() }

// Touch changes what belongs to the loop: the race detector sees whether this is its goroutine.
func (l *Loop) Touch() { l.listeners = append(l.listeners, nil)[:len(l.listeners)] }

// EachLike calls f for all connections that have the same owner as c, on its loop.
func (c *Conn) EachLike(f func(*Conn)) { group.On(c.Loop(), c.owner, c.loop().all(), f) }

// DrainNow is Conn.drain.
func (c *Conn) DrainNow() { c.drain() }

// CopyFile is Conn.copyFile, with the error of the call as an error.
func (c *Conn) CopyFile(f *channel.File, all int) (n, tried int, err error) {
	n, tried, errno, err := c.copyFile(f, all)
	if err == nil && errno != 0 {
		err = os.NewSyscallError("send", errno)
	}
	return n, tried, err
}

// StopAccepting stops the sockets of a listener, on the loop that they are all on.
func StopAccepting(ln engine.Listener) {
	for _, s := range ln.(*listener).sockets {
		s.stop(nil, func() {})
	}
}

// Functions of cached.go.
var (
	Cached    = cached
	Probe     = probe
	ReadAhead = readAhead
)

// NoCachestat sets whether cachestat(2) counts as unknown, and returns what was set.
func NoCachestat(unknown bool) (old bool) { return noCachestat.Swap(unknown) }

// A Fetcher is a fetcher.
type Fetcher struct{ f *fetcher }

// NewFetcher makes one.
func NewFetcher() Fetcher { return Fetcher{newFetcher()} }

// Submit is fetcher.submit.
func (f Fetcher) Submit(job func([]byte)) bool { return f.f.submit(job) }

// Close is fetcher.close.
func (f Fetcher) Close() { f.f.close() }

// Workers returns the number of goroutines.
func (f Fetcher) Workers() int {
	f.f.mu.Lock()
	defer f.f.mu.Unlock()
	return f.f.workers
}

// Pipes returns how many pipes a loop has open, and how many of them hold nothing and belong to nobody.
func (l *Loop) Pipes() (open, spare int) {
	l.pipes.mu.Lock()
	defer l.pipes.mu.Unlock()
	return l.pipes.open, len(l.pipes.spare)
}

// RefusePipes has the loop get no pipes for so long.
func (l *Loop) RefusePipes(d time.Duration) { l.pipes.retry = l.Now() + d }

// ThroughPipe writes p into a pipe of the loop, and returns what readPipe finds there. It releases all.
func (l *Loop) ThroughPipe(p []byte) (string, error) {
	pi := l.takePipe()
	if pi == nil {
		return "", os.ErrInvalid
	}
	n, err := unix.Write(pi.w, p)
	pi.held = max(n, 0)
	defer pi.Release()
	if err != nil {
		return "", err
	}
	b, err := l.readPipe(pi)
	if err != nil {
		return "", err
	}
	defer b.Release()
	return b.Text(0, b.Len()), nil
}
