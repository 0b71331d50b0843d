//go:build linux

package epoll

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/transport/internal/socket"
)

// Listen implements socket.Poller.
func (p *poller) Listen(s *socket.Listening) error {
	if err := p.control(unix.EPOLL_CTL_ADD, s.FD, unix.EPOLLIN); err != nil {
		return err
	}
	p.listeners = append(p.listeners, s)
	return nil
}

// Pause implements socket.Poller.
func (p *poller) Pause(s *socket.Listening, on bool) error {
	if on {
		return p.control(unix.EPOLL_CTL_MOD, s.FD, 0)
	}
	return p.control(unix.EPOLL_CTL_MOD, s.FD, unix.EPOLLIN)
}

// Unlisten implements socket.Poller. Closing the socket ends its registration.
func (p *poller) Unlisten(s *socket.Listening) {
	p.listeners = slices.DeleteFunc(p.listeners, func(other *socket.Listening) bool { return other == s })
}

// Watch implements socket.Poller.
func (p *poller) Watch(fd int, w socket.Watched, events uint32) error {
	if err := p.control(unix.EPOLL_CTL_ADD, fd, events); err != nil {
		return err
	}
	if p.watched == nil {
		p.watched = make(map[int32]socket.Watched)
	}
	p.watched[int32(fd)] = w
	return nil
}

// Change implements socket.Poller.
func (p *poller) Change(fd int, events uint32) error {
	return p.control(unix.EPOLL_CTL_MOD, fd, events)
}

// Unwatch implements socket.Poller.
func (p *poller) Unwatch(fd int) {
	delete(p.watched, int32(fd))
	unix.Close(fd)
}
