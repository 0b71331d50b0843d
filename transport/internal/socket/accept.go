//go:build linux

package socket

import (
	"net"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Listening is a listening socket on a loop. Its methods run there.
type Listening struct {
	FD  int    // -1 once the socket is closed
	Key uint32 // the poller's own

	listener *listener
	l        *Loop
	isTCP    bool
	on       bool          // accepting
	delay    time.Duration // of the current pause after a failure
	retryAt  time.Duration // when it ends, on the loop's clock; 0 if there is none
	full     atomic.Bool   // paused because of MaxConns
	parked   []int         // sockets that the kernel had accepted when there were MaxConns
}

const (
	maxAccepts = 64   // a turn
	maxBacklog = 4096 // that a stopping listener accepts
	minDelay   = 5 * time.Millisecond
	maxDelay   = time.Second
)

// start begins to accept.
func (s *Listening) start() error {
	if s.FD < 0 { // the group was closed meanwhile
		return net.ErrClosed
	}
	s.isTCP = isTCPAddr(s.listener.addr)
	if err := s.l.Poller.Listen(s); err != nil {
		return err
	}
	s.on = true
	s.l.listeners = append(s.l.listeners, s)
	return nil
}

// stop accepts what is complete, unless there is an error because the loop has ended, closes the socket, and calls done.
func (s *Listening) stop(err error, done func()) {
	ended := false
	defer func() {
		if !ended { // the code that makes sinks has panicked: the others follow in a later turn
			s.l.Insist(func(err error) { s.stop(err, done) })
			return
		}
		done()
	}()
	if s.FD < 0 {
		ended = true
		return
	}
	if s.on {
		s.listen(false) // what the kernel accepts meanwhile is parked
	}
	if i := slices.Index(s.l.listeners, s); i >= 0 {
		s.l.listeners = append(s.l.listeners[:i:i], s.l.listeners[i+1:]...)
		s.l.Poller.Unlisten(s)
	}
	if err == nil {
		s.unpark()
		for i := 0; i < maxBacklog/maxAccepts && s.acceptSome(); i++ {
		}
	}
	for _, fd := range s.parked {
		unix.Close(fd)
	}
	s.parked = nil
	unix.Close(s.FD)
	s.FD, ended = -1, true
}

// listen goes on or stops accepting.
func (s *Listening) listen(on bool) {
	if s.FD < 0 || s.on == on || on && s.retryAt != 0 {
		return
	}
	s.on = on
	if on {
		s.unpark()
	}
	if s.on != on {
		return // too many again
	}
	if err := s.l.Poller.Pause(s, !on); err != nil {
		s.l.group.config.Logger.Error("ropewalk: cannot pause or resume a listening socket", "error", err)
		s.on = !on
		if on { // nobody else would try again
			s.delay = min(max(2*s.delay, minDelay), maxDelay)
			s.retryAt = s.l.Now() + s.delay
		}
	}
}

// Accept takes connections that wait, for pollers that tell that there are some.
func (s *Listening) Accept() {
	if s.on {
		s.acceptSome()
	}
}

// acceptSome takes connections that wait, and tells whether there may be more.
func (s *Listening) acceptSome() bool {
	var peer unix.RawSockaddrAny
	for range maxAccepts {
		if s.tooMany() {
			s.pauseFull()
			return false
		}
		s.l.Calls.Control++
		fd, errno := accept4(s.FD, &peer)
		switch errno {
		case 0:
			s.place(fd, endpointOf(&peer))
		case unix.EAGAIN:
			return false
		default:
			if s.Failed(errno) {
				return false
			}
		}
	}
	return true
}

// Accepted takes a connection that the kernel has accepted.
func (s *Listening) Accepted(fd int) {
	if s.tooMany() || len(s.parked) > 0 {
		s.Park(fd)
		if s.on {
			s.pauseFull()
		}
		return
	}
	s.placeNew(fd)
}

// Park is Accepted for a socket that is to be taken later, when the poller is called by Listening.
func (s *Listening) Park(fd int) { s.parked = append(s.parked, fd) }

// unpark takes the connections that were accepted too early, as far as there is room now.
func (s *Listening) unpark() {
	for len(s.parked) > 0 && !s.tooMany() {
		fd := s.parked[0]
		s.parked = s.parked[1:]
		s.placeNew(fd)
	}
	switch {
	case len(s.parked) == 0:
		s.parked = nil
	case s.on:
		s.pauseFull()
	}
}

// placeNew is place for a socket whose peer is to be asked for.
func (s *Listening) placeNew(fd int) {
	var peer unix.RawSockaddrAny
	if s.isTCP {
		s.l.Calls.Control++
		getpeername(fd, &peer)
	}
	s.place(fd, endpointOf(&peer))
}

func (s *Listening) tooMany() bool {
	return s.listener.Conns() >= s.listener.config.MaxConns
}

// Failed handles an error of accept4(2), and tells whether accepting has paused because of it.
func (s *Listening) Failed(errno unix.Errno) (paused bool) {
	switch errno {
	case unix.EINTR, unix.ECONNABORTED, unix.EPROTO, unix.EPERM, unix.ENETDOWN, unix.ENOPROTOOPT, unix.EHOSTDOWN,
		unix.ENONET, unix.EHOSTUNREACH, unix.EOPNOTSUPP, unix.ENETUNREACH:
		return false // this one connection is gone, accept(2); the next may be fine
	}
	s.pauseFailed(errno) // EMFILE, ENFILE, ENOBUFS, ENOMEM: nothing gets better by trying at once
	return true
}

// place gives a connection to a loop.
func (s *Listening) place(fd int, peer endpoint) {
	ln := s.listener
	s.delay = 0
	ln.owner.Conns.Add(1)
	c := ln.group.newConn(&ln.owner, fd, peer, s.isTCP)
	l := s.l
	if len(ln.sockets) == 1 {
		l = l.group.loops.LeastLoaded()
	}
	if l == s.l {
		l.add(c, ln.config.Accept, ln.config.Options, &ln.config.Socket)
		return
	}
	l.conns.Add(1) // counts at once, so that a burst is spread
	l.Do(func(err error) {
		l.conns.Add(-1)
		if err != nil {
			c.base().discard()
			return
		}
		l.add(c, ln.config.Accept, ln.config.Options, &ln.config.Socket)
	})
}

// pauseFull stops accepting until a connection is gone.
func (s *Listening) pauseFull() {
	s.listen(false)
	s.full.Store(true)
	if !s.tooMany() { // one went meanwhile
		s.listener.resume()
	}
}

// pauseFailed stops accepting for a while: 5 ms at first, doubled up to a second as long as it fails.
func (s *Listening) pauseFailed(errno unix.Errno) {
	s.delay = min(max(2*s.delay, minDelay), maxDelay)
	s.listen(false)
	s.retryAt = s.l.Now() + s.delay
	s.l.group.config.Logger.Warn("ropewalk: accept failed", "addr", s.listener.addr.String(), "error", errno, "retry_in", s.delay)
}

// patience shortens a wait to the end of the pause.
func (s *Listening) patience(d, now time.Duration) time.Duration {
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
func (s *Listening) retry(now time.Duration) {
	if s.retryAt != 0 && now >= s.retryAt {
		s.retryAt = 0
		s.listen(true)
	}
}
