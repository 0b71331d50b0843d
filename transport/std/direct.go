//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package std

import (
	"net"
	"syscall"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// haveDirect tells whether sockets of package net are read and written without its Read and Write.
const haveDirect = true

const (
	maxVectors = 1024    // IOV_MAX, writev(2)
	maxTurn    = 1 << 20 // bytes that one connection sends at a time
	maxReads   = 16      // pieces of input that a connection takes at a time
)

// direct is a connection on a socket of package net. Its goroutine is inside of syscall.RawConn.Read from the beginning to the
// end: there it waits for the runtime's poller without holding memory, and there the descriptor cannot be closed, so whoever has
// the loop may use it.
//
//	RawConn.Read ──► ready ──► the loop's lock: recv until there is nothing, deliver, send ──► unlock ──► wait
//	RawConn.Write ─► room ──► (only while output waits) the lock: go on sending ──► unlock ──► wait
//
// The poller tells of a change once. So a connection whose reading is paused remembers that there may be input, and the keeper
// takes it when reading is resumed. Errors are seen when they happen, paused or not.
type direct struct {
	*conn
	raw syscall.RawConn
	fd  int // -1 before and after run
	out *outlet
}

var _ mover = (*direct)(nil)

// newDirect returns how to move the bytes of a socket, nil if the connection is something else. What is built upon a
// socket, or looks like one, is something else.
func newDirect(c *conn) mover {
	var raw syscall.RawConn
	var err error
	switch nc := c.nc.(type) {
	case *net.TCPConn:
		raw, err = nc.SyscallConn()
	case *net.UnixConn:
		if nc.LocalAddr().Network() != "unix" { // the others have messages
			return nil
		}
		raw, err = nc.SyscallConn()
	default:
		return nil
	}
	if err != nil {
		return nil
	}
	return &direct{conn: c, raw: raw, fd: -1}
}

// run implements mover.
func (c *direct) run() {
	err := c.raw.Read(c.serve)
	c.broken(err)
	c.nc.Close() // waits for the writer to be out
}

// serve is called when the connection's goroutine begins, and then whenever something has happened to the socket. It returns
// true when the channel is gone.
func (c *direct) serve(fd uintptr) bool {
	if c.fd < 0 {
		c.fd = int(fd)
		c.flags |= fresh
		if !c.open() {
			return true
		}
	}
	for {
		switch again, over := c.event(); {
		case over:
			return true
		case !again:
			return false
		}
	}
}

// event takes input, and ends the turn.
func (c *direct) event() (again, over bool) {
	l := c.l
	l.enter()
	defer l.leave()
	defer l.Recover()
	defer func() { // also behind a panic
		c.flags &^= inside
		again, over = c.flags&readable != 0 && c.Reading(), c.flags&gone != 0
	}()
	if c.flags&gone == 0 {
		c.flags |= inside | readable
		c.burst()
		l.Turn()
	}
	return
}

// burst implements mover.
func (c *direct) burst() {
	for range maxReads {
		if c.flags&readable == 0 || !c.Reading() {
			break
		}
		c.l.Tick() // answers to what was read before have left, and this may be what came of them, see channel.Loop.Turns
		c.take()
	}
	switch {
	case c.flags&gone != 0:
	case !c.Reading():
		// It may be what ends a connection, which is not to be kept from a channel that does not read.
		if errno := socketError(c.fd); errno != 0 {
			c.Fail(channel.NewOpError("poll", errno))
		}
	case c.flags&draining != 0:
		c.flags |= heard
		c.drain()
	case c.flags&readable != 0 && c.flags&inside == 0:
		c.dueLater()
	}
}

// take implements mover.
func (c *direct) take() {
	l := c.l
	if c.flags&fresh != 0 || l.group.config.Pool.Pressed() {
		// Room is to be asked for only when there is input: it takes memory, or the turn of others who wait for some.
		c.flags &^= fresh
		l.calls.Control++
		if _, errno := peek(c.fd); errno != 0 {
			c.took(0, errno) // now: the system tells of an error once
			return
		}
	}
	l.calls.Reads++
	if room := c.Room(); room != nil {
		c.took(recv(c.fd, room))
	} else if n, errno := peek(c.fd); n <= 0 { // else it waits for memory
		c.took(n, errno)
	}
}

// took acts on what a read of the socket has returned.
func (c *direct) took(n int, errno syscall.Errno) {
	switch {
	case errno == syscall.EAGAIN:
		c.flags &^= readable
	case errno == syscall.EINTR:
	case errno != 0:
		c.flags &^= readable
		c.Fail(channel.NewOpError("read", errno))
	case n == 0:
		c.ReceivedEOF()
	default:
		c.Input(n)
	}
}

// silent implements mover.
func (c *direct) silent() bool {
	n, errno := peek(c.fd)
	return n <= 0 || errno != 0
}

// exact implements mover.
func (c *direct) exact() bool { return true }

// SetReading implements channel.Backend.
func (c *direct) SetReading(on bool) {
	if on {
		c.resumed()
	}
}

// HasInput implements channel.Backend.
func (c *direct) HasInput(n int) bool {
	c.l.calls.Control++
	return hasInput(c.fd, n)
}

// CloseWrite implements channel.Backend.
func (c *direct) CloseWrite() error {
	if err := syscall.Shutdown(c.fd, syscall.SHUT_WR); err != nil && err != syscall.ENOTCONN {
		return channel.NewOpError("shutdown", err)
	}
	return nil
}

// Close implements channel.Backend. The socket is closed by the connection's goroutine.
func (c *direct) Close(abort bool) {
	if tc, ok := c.nc.(*net.TCPConn); ok && abort {
		tc.SetLinger(0) // close then sends a reset (RFC 9293 section 3.10.4)
	}
	c.remove()
	if c.flags&inside == 0 || c.out != nil {
		c.nc.SetDeadline(time.Unix(1, 0)) // ends the waits
	}
}

// broken ends a channel whose wait for the socket has failed, or ends because the channel is gone.
func (c *direct) broken(err error) {
	l := c.l
	l.enter()
	defer l.leave()
	defer l.Recover()
	if c.flags&gone == 0 {
		if c.flags&isOpen == 0 { // it has not begun
			c.flags |= gone
			c.tell(group.Opened{Err: channel.NewOpError("poll", err)})
			return
		}
		c.Fail(channel.NewOpError("poll", err))
		l.Turn()
	}
	c.fd = -1
}
