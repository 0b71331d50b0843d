//go:build linux

package uring

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/transport/internal/socket"
)

// source is a descriptor that is not a connection: a listening socket, or one that is watched.
type source struct {
	p         *poller
	number    uint32
	fd        int32
	listening *socket.Listening
	watched   socket.Watched
	wanted    uint32 // events
	armed     bool   // a multishot accept, or a poll for input
	ending    bool   // it is being cancelled
	out       bool   // a poll for output is armed
	unread    bool   // input was reported while it was not wanted
	gone      bool
	requests  int // that the kernel has not ended
}

// newSource gives a source a number.
func (p *poller) newSource(s *source) *source {
	s.p = p
	for i, other := range p.sources {
		if other == nil {
			s.number = uint32(i)
			p.sources[i] = s
			return s
		}
	}
	s.number = uint32(len(p.sources))
	p.sources = append(p.sources, s)
	return s
}

// Listen implements socket.Poller.
func (p *poller) Listen(l *socket.Listening) error {
	s := p.newSource(&source{fd: int32(l.FD), listening: l, wanted: unix.POLLIN})
	l.Key = s.number
	s.arm()
	return nil
}

// Pause implements socket.Poller.
func (p *poller) Pause(l *socket.Listening, on bool) error {
	s := p.sources[l.Key]
	s.wanted = unix.POLLIN
	if on {
		s.wanted = 0
		s.end()
	}
	s.arm()
	return nil
}

// Unlisten implements socket.Poller. It waits until the kernel accepts no more, which it does at once, and takes what it has accepted.
func (p *poller) Unlisten(l *socket.Listening) {
	s := p.sources[l.Key]
	s.wanted, s.gone = 0, true
	s.end()
	stash := p.stash[p.stashAt:]
	p.stash, p.stashAt = nil, 0
	for _, c := range stash {
		p.serveOnly(s, c)
	}
	for s.armed {
		p.loop.Calls.Waits++
		p.check(p.ring.enterWait(time.Millisecond))
		for limit := p.ring.arrived(); ; {
			c, ok := p.ring.next(limit)
			if !ok {
				break
			}
			p.serveOnly(s, c)
		}
	}
	p.sources[s.number] = nil
}

// serveOnly serves a completion if it is one of s, and puts it aside if not: it is not the time for others.
func (p *poller) serveOnly(s *source, c cqe) {
	if c.userData == tag(evSource, s.number) {
		s.serve(evSource, c)
	} else {
		p.stash = append(p.stash, c)
	}
}

// Watch implements socket.Poller.
func (p *poller) Watch(fd int, w socket.Watched, events uint32) error {
	s := p.newSource(&source{fd: int32(fd), watched: w, wanted: events})
	s.arm()
	return nil
}

// watching returns the source of a watched descriptor.
func (p *poller) watching(fd int) *source {
	for _, s := range p.sources {
		if s != nil && s.watched != nil && s.fd == int32(fd) && !s.gone {
			return s
		}
	}
	return nil
}

// Change implements socket.Poller.
func (p *poller) Change(fd int, events uint32) error {
	s := p.watching(fd)
	s.wanted = events
	if s.unread && events&unix.POLLIN != 0 {
		s.unread = false
		p.loop.Again(s.watched)
	}
	s.arm()
	return nil
}

// Unwatch implements socket.Poller.
func (p *poller) Unwatch(fd int) {
	s := p.watching(fd)
	s.gone, s.wanted = true, 0
	s.requests += p.shut(s.fd, s.requests > 0, evEnd, evGone, s.number)
}

// arm asks for what is wanted and not asked for.
func (s *source) arm() {
	if s.gone {
		return
	}
	if s.wanted&unix.POLLIN != 0 && !s.armed {
		s.armed = true
		s.requests++
		if s.listening != nil {
			e := s.p.request(opAccept, s.fd, tag(evSource, s.number))
			e.ioprio, e.opFlags = acceptMultishot, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC
		} else {
			e := s.p.request(opPollAdd, s.fd, tag(evSource, s.number))
			e.opFlags, e.len = pollEvents(unix.POLLIN), pollMultishot
		}
	}
	if s.wanted&unix.POLLOUT != 0 && !s.out {
		s.out = true
		s.requests++
		s.p.request(opPollAdd, s.fd, tag(evRoom, s.number)).opFlags = pollEvents(unix.POLLOUT)
	}
}

// end cancels what is armed for input.
func (s *source) end() {
	if s.armed && !s.ending {
		s.ending = true
		s.p.cancel(tag(evSource, s.number), tag(evNone, 0))
	}
}

// serve handles a completion.
func (s *source) serve(e event, q cqe) {
	if q.flags&cqeMore == 0 {
		s.requests--
	}
	switch e {
	case evSource:
		if q.flags&cqeMore == 0 {
			s.armed, s.ending = false, false
		}
		if s.listening != nil {
			s.accepted(q.res)
		} else {
			s.input(q.res)
		}
	case evRoom:
		s.out = false
		if s.wanted&unix.POLLOUT != 0 && q.res > 0 {
			s.watched.Serve(uint32(q.res))
		}
	}
	if s.gone && s.watched != nil && s.requests == 0 {
		s.p.sources[s.number] = nil
	}
	s.arm()
}

// accepted handles the result of an accept.
func (s *source) accepted(res int32) {
	switch errno := unix.Errno(max(-res, 0)); {
	case res >= 0 && s.gone:
		s.listening.Park(int(res))
	case res >= 0:
		s.listening.Accepted(int(res))
	case errno == unix.ECANCELED || errno == unix.EAGAIN:
	default:
		s.listening.Failed(errno)
	}
}

// input handles events of a watched descriptor.
func (s *source) input(res int32) {
	switch {
	case res < 0 || s.gone:
	case s.wanted&unix.POLLIN != 0 || res&(unix.POLLERR|unix.POLLHUP) != 0:
		s.watched.Serve(uint32(res))
	default:
		s.unread = true
		s.end()
	}
}
