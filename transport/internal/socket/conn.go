//go:build linux

package socket

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// Conn is a connected socket: a channel and its backend.
type Conn struct {
	channel.Port
	owner *group.Owner
	FD    int32 // -1 once the socket is closed
	Flags Flag
	peer  endpoint
}

// A Flag says what a connection waits for, or is about.
type Flag uint16

const (
	WantIn  Flag = 1 << iota // input is to be reported
	WantOut                  // room for output is to be reported
	Deaf                     // the poller's own; epoll: not registered at all, since a hang-up would be reported for ever
	isTCP
	Draining // to be closed when all input is delivered
	InRing   // the kernel may have received input that is not delivered yet, so that reading by calls would overtake it
	heard    // while draining, input has come since the last look
	looking  // while draining, a look is due
	fetching // part of a file is being read ahead
	warm     // it was, and may be sent without asking again
	corked   // only full segments leave, until the file has been sent

	Passing     // descriptors are sent and received
	ZeroCopying // large pieces are sent without a copy
	Shared      // the descriptor has a duplicate, so that closing it does not end what the poller has registered for it

	// PollOnly is the set of flags of connections whose input is read by calls, and whose events include POLLERR.
	PollOnly = Passing | ZeroCopying
)

var _ Connection = (*Conn)(nil)

func (c *Conn) base() *Conn { return c }

// Loop returns the event loop that the connection is on. It stands in the channel's loop, to save a word per connection.
func (c *Conn) loop() *Loop { return c.Loop().Engine.(*Loop) }

// Failed tells a channel of the error that its socket has, if it has one, and tells whether it had.
func (c *Conn) Failed() bool {
	errno, err := unix.GetsockoptInt(int(c.FD), unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && errno != 0 {
		err = unix.Errno(errno)
	}
	if err != nil {
		c.Fail(channel.NewOpError("poll", err))
	}
	return err != nil
}

// Readable takes one piece of input and returns its length, and whether there may be more.
func (c *Conn) Readable() (n int, more bool) {
	n, more = c.read()
	c.Heard()
	return n, more
}

// Heard is called when input has come.
func (c *Conn) Heard() {
	if c.Flags&Draining != 0 && c.FD >= 0 {
		c.Flags |= heard
		c.drain()
	}
}

// read takes one piece of input and returns its length, and whether there may be more.
func (c *Conn) read() (n int, more bool) {
	if c.Relayed() {
		if n, more, ok := c.splice(); ok {
			return n, more
		}
		if c.FD < 0 || c.Flags&WantIn == 0 {
			return 0, false
		}
	}
	room := c.Room()
	c.loop().Calls.Reads++
	var errno unix.Errno
	var err error
	if room != nil {
		if c.Flags&Passing == 0 {
			n, errno = recv(int(c.FD), room)
		} else if n, errno, err = c.readPassing(room); err != nil {
			c.Fail(err)
			return 0, false
		}
	} else if n, errno = peek(int(c.FD)); n > 0 {
		return 0, false // it waits for memory
	}
	switch {
	case errno == unix.EAGAIN: // another event follows if there is input
	case errno == unix.EINTR:
		return 0, true
	case errno != 0:
		c.Fail(channel.NewOpError("read", errno))
	case n == 0:
		c.ReceivedEOF()
	default:
		more = n == len(room) || c.Flags&isTCP == 0 // a read of a Unix socket ends behind bytes that descriptors came with
		c.Input(n)
	}
	return n, more
}

// SetReading implements channel.Backend.
func (c *Conn) SetReading(on bool) {
	c.want(WantIn, on)
	if on && c.Flags&Draining != 0 {
		c.later(c.drain)
	}
}

// HasInput implements channel.Backend.
func (c *Conn) HasInput(n int) bool {
	c.loop().Calls.Control++
	if have, err := unix.IoctlGetInt(int(c.FD), unix.SIOCINQ); err != nil || have >= n {
		return true
	}
	p := []unix.PollFd{{Fd: c.FD, Events: unix.POLLRDHUP}}
	ended, err := unix.Poll(p, 0)
	return ended != 0 || err != nil
}

// want changes what the poller is to report.
func (c *Conn) want(f Flag, on bool) {
	if (c.Flags&f != 0) != on {
		c.Flags ^= f
		c.loop().Poller.Want(c)
	}
}

// CloseWrite implements channel.Backend.
func (c *Conn) CloseWrite() error {
	if err := unix.Shutdown(int(c.FD), unix.SHUT_WR); err != nil && err != unix.ENOTCONN {
		return channel.NewOpError("shutdown", err)
	}
	return nil
}

// Close implements channel.Backend.
func (c *Conn) Close(abort bool) {
	if abort && c.Flags&isTCP != 0 {
		// With a linger time of zero, close sends a reset (socket(7), RFC 9293 section 3.10.4).
		unix.SetsockoptLinger(int(c.FD), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	}
	l := c.loop()
	l.conns.Add(-1)
	l.Calls.Control++
	if c.Flags&ZeroCopying != 0 {
		c.keep(abort)
	}
	l.Poller.Remove(c)
}

// discard closes a socket that is not in a poller.
func (c *Conn) discard() {
	unix.Close(int(c.FD))
	c.Gone()
}

// Gone is called when the socket is closed.
func (c *Conn) Gone() {
	c.FD = -1 // the number will soon be another's
	if c.Flags&PollOnly != 0 {
		delete(c.loop().features, c)
	}
	c.owner.Gone()
}

// after calls f once, after d, unless the channel is gone by then.
func (c *Conn) after(d time.Duration, f func()) {
	var t *channel.Timer
	t = c.AfterFunc(d, func() {
		t.Stop() // or it would count among the channel's timers for ever
		f()
	})
}

// later calls f on the loop, unless the socket is closed by then. It may be called by any goroutine.
func (c *Conn) later(f func()) {
	c.loop().Insist(func(err error) {
		if err == nil && c.FD >= 0 {
			f()
		}
	})
}
