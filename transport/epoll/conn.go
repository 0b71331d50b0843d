//go:build linux

package epoll

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
)

// conn is a connected socket: a channel and its backend.
type conn struct {
	channel.Port
	owner *owner
	fd    int32 // -1 once the socket is closed
	flags flag
	peer  endpoint
}

// loop returns the event loop that the connection is on. It stands in the channel's loop, to save a word per connection.
func (c *conn) loop() *loop { return c.Loop().Engine.(*loop) }

type flag uint16

const (
	wantIn  flag = 1 << iota // registered for input
	wantOut                  // registered for output
	deaf                     // not registered at all: a hang-up would be reported for ever
	isTCP
	draining // to be closed when all input is delivered
	heard    // while draining, input has come since the last look
	looking  // while draining, a look is due
	fetching // part of a file is being read ahead
	warm     // it was, and may be sent without asking again
	corked   // only full segments leave, until the file has been sent
)

var _ channel.Backend = (*conn)(nil)

// serve handles the events of a connection. Output goes first: it may free what input needs.
func (c *conn) serve(events uint32) {
	if events&unix.EPOLLOUT != 0 {
		c.Ready()
	}
	if c.flags&wantIn != 0 {
		if events&(unix.EPOLLIN|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
			c.read()
			if c.flags&draining != 0 && c.fd >= 0 {
				c.flags |= heard
				c.drain()
			}
		}
		return
	}
	// Errors and hang-ups are reported whatever a socket is registered for.
	if events&unix.EPOLLERR != 0 {
		if err := c.socketError(); err != nil {
			c.Fail(channel.NewOpError("poll", err))
			return
		}
	}
	if events&(unix.EPOLLERR|unix.EPOLLHUP) != 0 && c.flags&(deaf|wantOut) == 0 && c.fd >= 0 {
		c.loop().calls.Control++
		unix.EpollCtl(c.loop().epfd, unix.EPOLL_CTL_DEL, int(c.fd), nil)
		c.flags |= deaf
	}
}

func (c *conn) socketError() error {
	errno, err := unix.GetsockoptInt(int(c.fd), unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && errno != 0 {
		return unix.Errno(errno)
	}
	return err
}

// read takes one piece of input.
func (c *conn) read() {
	room := c.Room()
	c.loop().calls.Reads++
	var n int
	var errno unix.Errno
	if room != nil {
		n, errno = recv(int(c.fd), room)
	} else if n, errno = peek(int(c.fd)); n > 0 {
		return // it waits for memory
	}
	switch {
	case errno == unix.EAGAIN || errno == unix.EINTR: // another event follows if there is input
	case errno != 0:
		c.Fail(channel.NewOpError("read", errno))
	case n == 0:
		c.ReceivedEOF()
	default:
		c.Input(n)
	}
}

// SetReading implements channel.Backend.
func (c *conn) SetReading(on bool) {
	c.want(wantIn, on)
	if on && c.flags&draining != 0 {
		c.later(c.drain)
	}
}

// HasInput implements channel.Backend.
func (c *conn) HasInput(n int) bool {
	c.loop().calls.Control++
	if have, err := unix.IoctlGetInt(int(c.fd), unix.SIOCINQ); err != nil || have >= n {
		return true
	}
	p := []unix.PollFd{{Fd: c.fd, Events: unix.POLLRDHUP}}
	ended, err := unix.Poll(p, 0)
	return ended != 0 || err != nil
}

// want changes what the socket is registered for.
func (c *conn) want(f flag, on bool) {
	if (c.flags&f != 0) == on {
		return
	}
	c.flags ^= f
	ev := unix.EpollEvent{Fd: c.fd}
	if c.flags&wantIn != 0 {
		ev.Events |= unix.EPOLLIN
	}
	if c.flags&wantOut != 0 {
		ev.Events |= unix.EPOLLOUT
	}
	op := unix.EPOLL_CTL_MOD
	if c.flags&deaf != 0 {
		if ev.Events == 0 {
			return
		}
		op = unix.EPOLL_CTL_ADD
		c.flags &^= deaf
	}
	c.loop().calls.Control++
	if err := unix.EpollCtl(c.loop().epfd, op, int(c.fd), &ev); err != nil {
		c.Abort(channel.NewOpError("epoll_ctl", err))
	}
}

// CloseWrite implements channel.Backend.
func (c *conn) CloseWrite() error {
	if err := unix.Shutdown(int(c.fd), unix.SHUT_WR); err != nil && err != unix.ENOTCONN {
		return channel.NewOpError("shutdown", err)
	}
	return nil
}

// Close implements channel.Backend.
func (c *conn) Close(abort bool) {
	if abort && c.flags&isTCP != 0 {
		// With a linger time of zero, close sends a reset (socket(7), RFC 9293 section 3.10.4).
		unix.SetsockoptLinger(int(c.fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	}
	l := c.loop()
	l.byFD.put(int(c.fd), nil)
	l.conns.Add(-1)
	l.calls.Control++
	c.discard()
}

// discard closes a socket that is not, or no more, in the loop.
func (c *conn) discard() {
	unix.Close(int(c.fd)) // which also ends its registration
	c.fd = -1             // the number will soon be another's
	c.owner.gone()
}

// after calls f once, after d, unless the channel is gone by then.
func (c *conn) after(d time.Duration, f func()) {
	var t *channel.Timer
	t = c.AfterFunc(d, func() {
		t.Stop() // or it would count among the channel's timers for ever
		f()
	})
}

// later calls f on the loop, unless the socket is closed by then. It may be called by any goroutine.
func (c *conn) later(f func()) {
	c.loop().insist(func(err error) {
		if err == nil && c.fd >= 0 {
			f()
		}
	})
}
