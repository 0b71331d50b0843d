//go:build linux

package epoll

import (
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
)

// maxEvents is how many events a turn takes from the kernel at most.
const maxEvents = 256

// loop is one event loop: a goroutine locked to its thread, an epoll instance, and the connections registered
// there. All fields but conns and done belong to that goroutine.
type loop struct {
	*channel.Loop
	group *group
	epfd  int

	waking sync.Mutex // so that the eventfd is not written to when it is closed, and perhaps another's
	wakes  int        // eventfd(2): other goroutines end the wait through it, -1 when the loop has ended

	byFD      table
	listeners []*listening
	events    [maxEvents]unix.EpollEvent
	pieces    [][]byte // for gathering output
	vectors   []unix.Iovec
	stopping  bool

	calls counters
	conns atomic.Int64
	done  chan struct{}
}

// startLoop starts loop number i of a group.
func startLoop(g *group, i int) (*loop, error) {
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	wakes, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		unix.Close(epfd)
		return nil, os.NewSyscallError("eventfd", err)
	}
	l := &loop{group: g, epfd: epfd, wakes: wakes, done: make(chan struct{})}
	if err := l.register(wakes, unix.EPOLLIN); err != nil {
		unix.Close(wakes)
		unix.Close(epfd)
		return nil, err
	}
	ready := make(chan struct{})
	go l.run(ready)
	<-ready
	return l, nil
}

func (l *loop) register(fd int, events uint32) error {
	l.calls.Control++
	ev := unix.EpollEvent{Events: events, Fd: int32(fd)}
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(l.epfd, unix.EPOLL_CTL_ADD, fd, &ev))
}

// run is the loop's goroutine.
func (l *loop) run(ready chan struct{}) {
	runtime.LockOSThread()
	defer close(l.done)
	l.Loop = channel.NewLoop(channel.LoopConfig{
		Pool:   l.group.config.Pool,
		Now:    l.group.config.Now,
		Logger: l.group.config.Logger,
		Wake:   l.wake,
	})
	l.Engine = l
	close(ready)
	for !l.stopping || l.Channels() > 0 {
		l.turns()
	}
	l.Loop.Stop()
	l.waking.Lock()
	unix.Close(l.wakes)
	l.wakes = -1
	l.waking.Unlock()
	unix.Close(l.epfd)
}

// turns runs turns until the loop stops or a channel's code panics. One deferred call for many turns keeps it off the
// path of messages.
func (l *loop) turns() {
	defer l.Recover()
	for !l.stopping {
		n := l.wait()
		for i := range n {
			l.serve(&l.events[i])
		}
		l.Turn()
	}
	for fd := range l.byFD.end() {
		if c := l.byFD.get(fd); c != nil {
			c.Abort(channel.ErrShutdown)
		}
	}
	l.Turn()
}

// wait blocks until something happens and returns the number of events.
func (l *loop) wait() int {
	d := l.Timeout()
	for _, ln := range l.listeners {
		d = ln.patience(d, l.Now())
	}
	ms := -1
	if d >= 0 {
		ms = int(min((d+time.Millisecond-1)/time.Millisecond, 1<<30))
	}
	l.calls.Waits++
	l.calls.Pauses = l.Pauses()
	l.calls.publish()
	n, err := unix.EpollWait(l.epfd, l.events[:], ms)
	l.Tick()
	if err != nil && err != unix.EINTR {
		panic(os.NewSyscallError("epoll_wait", err)) // a bug: the descriptor is not ours any more
	}
	for _, ln := range l.listeners {
		ln.retry(l.Now())
	}
	return max(n, 0)
}

// wake ends a wait. It is called by other goroutines.
func (l *loop) wake() {
	l.waking.Lock()
	defer l.waking.Unlock()
	if l.wakes < 0 {
		return
	}
	one := [8]byte{0: 1}
	unix.Write(l.wakes, one[:])
}

// insist is Loop.Do for the engine's own calls, which must not be refused because too many wait for the loop: then it
// tries again a little later.
func (l *loop) insist(f func(error)) {
	l.Do(func(err error) {
		if err == channel.ErrRemoteFull {
			time.AfterFunc(time.Millisecond, func() { l.insist(f) })
			return
		}
		f(err)
	})
}

// serve handles one event.
func (l *loop) serve(ev *unix.EpollEvent) {
	fd := int(ev.Fd)
	if c := l.byFD.get(fd); c != nil {
		c.serve(ev.Events)
		return
	}
	if fd == l.wakes {
		var count [8]byte
		l.calls.Control++
		unix.Read(l.wakes, count[:])
		return
	}
	for _, ln := range l.listeners {
		if ln.fd == fd {
			ln.accept()
			return
		}
	}
}
