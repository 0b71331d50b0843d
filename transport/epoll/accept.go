//go:build linux

package epoll

import (
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// listening is a listening socket on a loop.
type listening struct {
	listener *listener
	l        *loop
	fd       int
	isTCP    bool
	on       bool          // registered for connections
	delay    time.Duration // of the current pause after a failure
	retryAt  time.Duration // when it ends, on the loop's clock; 0 if there is none
	full     atomic.Bool   // paused because of MaxConns
}

const (
	maxAccepts = 64   // a turn
	maxBacklog = 4096 // that a stopping listener accepts
	minDelay   = 5 * time.Millisecond
	maxDelay   = time.Second
)

// start begins to accept. Like all methods here it runs on the socket's loop.
func (s *listening) start() error {
	s.isTCP = isTCPAddr(s.listener.addr)
	if err := s.l.register(s.fd, unix.EPOLLIN); err != nil {
		return err
	}
	s.on = true
	s.l.listeners = append(s.l.listeners, s)
	return nil
}

// stop accepts what is complete, and closes the socket.
func (s *listening) stop() {
	if s.fd < 0 {
		return
	}
	for i := 0; s.on && i < maxBacklog/maxAccepts && s.accept(); i++ {
	}
	for i, other := range s.l.listeners {
		if other == s {
			s.l.listeners = append(s.l.listeners[:i:i], s.l.listeners[i+1:]...)
		}
	}
	unix.Close(s.fd)
	s.fd = -1
}

// listen registers the socket for connections, or for nothing.
func (s *listening) listen(on bool) {
	if s.fd < 0 || s.on == on || on && s.retryAt != 0 {
		return
	}
	s.on = on
	ev := unix.EpollEvent{Fd: int32(s.fd)}
	if on {
		ev.Events = unix.EPOLLIN
	}
	s.l.calls.Control++
	if err := unix.EpollCtl(s.l.epfd, unix.EPOLL_CTL_MOD, s.fd, &ev); err != nil {
		s.l.group.config.Logger.Error("ropewalk: epoll_ctl of a listening socket", "error", err)
	}
}

// accept takes connections that wait, and tells whether there may be more.
func (s *listening) accept() bool {
	ln := s.listener
	var peer unix.RawSockaddrAny
	for range maxAccepts {
		if ln.conns.Load() >= int64(ln.config.MaxConns) {
			s.pauseFull()
			return false
		}
		fd, errno := accept4(s.fd, &peer)
		switch errno {
		case 0:
			s.delay = 0
			ln.conns.Add(1)
			s.place(fd, endpointOf(&peer))
		case unix.EAGAIN:
			return false
		case unix.EINTR:
		case unix.ECONNABORTED, unix.EPROTO, unix.EPERM, unix.ENETDOWN, unix.ENOPROTOOPT, unix.EHOSTDOWN,
			unix.ENONET, unix.EHOSTUNREACH, unix.EOPNOTSUPP, unix.ENETUNREACH:
			// This one connection is gone, accept(2); the next may be fine.
		default: // EMFILE, ENFILE, ENOBUFS, ENOMEM: nothing gets better by trying at once
			s.pauseFailed(errno)
			return false
		}
	}
	return true
}

// place gives a connection to a loop.
func (s *listening) place(fd int, peer endpoint) {
	ln := s.listener
	c := &conn{owner: &ln.owner, fd: int32(fd), peer: peer}
	if s.isTCP {
		c.flags |= isTCP
	}
	l := s.l
	if len(ln.sockets) == 1 {
		l = l.group.leastLoaded()
	}
	if l == s.l {
		l.add(c, ln.config.Accept, ln.config.Options)
		return
	}
	l.conns.Add(1) // counts at once, so that a burst is spread
	l.Do(func(err error) {
		l.conns.Add(-1)
		if err != nil {
			c.discard()
			return
		}
		l.add(c, ln.config.Accept, ln.config.Options)
	})
}

// pauseFull stops accepting until a connection is gone.
func (s *listening) pauseFull() {
	ln := s.listener
	s.listen(false)
	s.full.Store(true)
	if ln.conns.Load() < int64(ln.config.MaxConns) { // one went meanwhile
		ln.resume()
	}
}

// pauseFailed stops accepting for a while: 5 ms at first, doubled up to a second as long as it fails.
func (s *listening) pauseFailed(errno unix.Errno) {
	s.delay = min(max(2*s.delay, minDelay), maxDelay)
	s.listen(false)
	s.retryAt = s.l.Now() + s.delay
	s.l.group.config.Logger.Warn("ropewalk: accept failed", "addr", s.listener.addr.String(), "error", errno, "retry_in", s.delay)
}

// patience shortens a wait to the end of the pause.
func (s *listening) patience(d, now time.Duration) time.Duration {
	if s.retryAt == 0 {
		return d
	}
	left := max(s.retryAt-now, 0)
	if d < 0 {
		return left
	}
	return min(d, left)
}

// retry ends the pause when its time has come.
func (s *listening) retry(now time.Duration) {
	if s.retryAt != 0 && now >= s.retryAt {
		s.retryAt = 0
		s.listen(true)
	}
}
