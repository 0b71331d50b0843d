//go:build linux

package epoll

import (
	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/socket"
)

// Add implements socket.Poller.
func (p *poller) Add(conn socket.Connection) error {
	c := conn.(*socket.Conn)
	if err := p.control(unix.EPOLL_CTL_ADD, int(c.FD), interest(c)); err != nil {
		return err
	}
	p.byFD.put(int(c.FD), c)
	return nil
}

// interest returns what a connection is to be registered for.
func interest(c *socket.Conn) (events uint32) {
	if c.Flags&socket.WantIn != 0 {
		events |= unix.EPOLLIN
	}
	if c.Flags&socket.WantOut != 0 {
		events |= unix.EPOLLOUT
	}
	return events
}

// Want implements socket.Poller.
func (p *poller) Want(c *socket.Conn) {
	events := interest(c)
	op := unix.EPOLL_CTL_MOD
	if c.Flags&socket.Deaf != 0 {
		if events == 0 {
			return
		}
		op = unix.EPOLL_CTL_ADD
		c.Flags &^= socket.Deaf
	}
	if err := p.control(op, int(c.FD), events); err != nil {
		c.Abort(channel.NewOpError("epoll_ctl", err))
	}
}

// Remove implements socket.Poller.
func (p *poller) Remove(c *socket.Conn) {
	p.byFD.put(int(c.FD), nil)
	if c.Flags&socket.Shared != 0 {
		p.control(unix.EPOLL_CTL_DEL, int(c.FD), 0)
	}
	unix.Close(int(c.FD)) // which also ends its registration
	c.Gone()
}

// Next implements socket.Poller. The key of a connection is its descriptor.
func (p *poller) Next(from int) (*socket.Conn, int) {
	for end := p.byFD.end(); from < end; from++ {
		if c := p.byFD.get(from); c != nil {
			return c, from
		}
	}
	return nil, from
}

// serveConn handles the events of a connection. Output goes first: it may free what input needs.
func (p *poller) serveConn(c *socket.Conn, events uint32) {
	if events&unix.EPOLLERR != 0 && c.Flags&socket.ZeroCopying != 0 && c.Notified() {
		events &^= unix.EPOLLERR
	}
	if events&unix.EPOLLOUT != 0 {
		c.Ready()
	}
	if c.Flags&socket.WantIn != 0 {
		if events&(unix.EPOLLIN|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
			c.Readable()
		}
		return
	}
	// Errors and hang-ups are reported whatever a socket is registered for.
	if events&unix.EPOLLERR != 0 && c.Failed() {
		return
	}
	if events&(unix.EPOLLERR|unix.EPOLLHUP) != 0 && c.Flags&(socket.Deaf|socket.WantOut) == 0 && c.FD >= 0 {
		if p.control(unix.EPOLL_CTL_DEL, int(c.FD), 0) == nil {
			c.Flags |= socket.Deaf
		}
	}
}
