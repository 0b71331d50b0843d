//go:build linux

package epoll

import (
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/transport/internal/socket"
)

// maxEvents is how many events a turn takes from the kernel at most.
const maxEvents = 256

// poller is the epoll instance of a loop.
type poller struct {
	loop  *socket.Loop
	epfd  int
	wakes int // eventfd(2): other goroutines end the wait through it

	byFD      table
	listeners []*socket.Listening
	watched   map[int32]socket.Watched
	events    [maxEvents]unix.EpollEvent
}

var _ socket.Poller = (*poller)(nil)

// open makes the poller of a loop.
func open(l *socket.Loop) (socket.Poller, error) {
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	p := &poller{loop: l, epfd: epfd}
	if p.wakes, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		unix.Close(epfd)
		return nil, os.NewSyscallError("eventfd", err)
	}
	if err := p.control(unix.EPOLL_CTL_ADD, p.wakes, unix.EPOLLIN); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// control changes what a descriptor is registered for.
func (p *poller) control(op, fd int, events uint32) error {
	p.loop.Calls.Control++
	ev := unix.EpollEvent{Events: events, Fd: int32(fd)}
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(p.epfd, op, fd, &ev))
}

// Wait implements socket.Poller.
func (p *poller) Wait(d time.Duration) {
	ms := -1
	if d >= 0 {
		ms = int(min((d+time.Millisecond-1)/time.Millisecond, 1<<30))
	}
	n, err := unix.EpollWait(p.epfd, p.events[:], ms)
	p.loop.Woke()
	if err != nil && err != unix.EINTR {
		panic(os.NewSyscallError("epoll_wait", err)) // a bug: the descriptor is not ours any more
	}
	for i := range max(n, 0) {
		p.serve(&p.events[i])
	}
}

// Busy implements socket.Poller.
func (p *poller) Busy() bool { return false }

// Idle implements socket.Poller.
func (p *poller) Idle() bool { return true }

// Wake implements socket.Poller.
func (p *poller) Wake() {
	one := [8]byte{0: 1}
	for {
		if _, err := unix.Write(p.wakes, one[:]); err != unix.EINTR {
			return // EAGAIN: it is about to wake as it is
		}
	}
}

// Close implements socket.Poller.
func (p *poller) Close() {
	unix.Close(p.wakes)
	unix.Close(p.epfd)
}

// serve handles one event.
func (p *poller) serve(ev *unix.EpollEvent) {
	fd := int(ev.Fd)
	if c := p.byFD.get(fd); c != nil {
		p.serveConn(c, ev.Events)
		return
	}
	if fd == p.wakes {
		var count [8]byte
		p.loop.Calls.Control++
		unix.Read(p.wakes, count[:])
		return
	}
	for _, s := range p.listeners {
		if s.FD == fd {
			s.Accept()
			return
		}
	}
	if w := p.watched[ev.Fd]; w != nil {
		w.Serve(ev.Events)
	}
}
