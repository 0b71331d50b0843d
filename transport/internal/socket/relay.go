//go:build linux

package socket

import (
	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// Relays: what a stream brings goes from its socket into a pipe of the loop, and from there to the other socket, splice(2), which
// moves pages and copies nothing. Package channel decides when (channel.Port.SpliceRoom); here is how.
//
// The pipe is empty whenever input is moved into it. So EAGAIN never means that the pipe is full. It means that the socket has no input,
// or that urgent data is in front of it (tcp(7)), which only recv(2) gets past, and at which splice tells an end when the stream has
// ended behind it. So both are left to recv. And a tee(2) into another empty pipe of the same size copies just what came. What the other socket does not take stays in the pipe, in
// that channel's queue, and until it is gone the first one is not read from.

// Splices implements channel.Splicer. Descriptors that come with bytes would be lost in a pipe.
func (c *Conn) Splices() bool { return c.Flags&Passing == 0 }

// splice takes one piece of input of a relayed connection, as read does. If it is to be read as usual ok is false.
func (c *Conn) splice() (n int, more, ok bool) {
	room, tee := c.SpliceRoom()
	if room <= 0 {
		return 0, false, room < 0
	}
	l := c.loop()
	in := l.takePipe()
	if in == nil {
		return 0, false, false
	}
	var tapped *pipe
	if tee {
		if tapped = l.takePipe(); tapped == nil || tapped.size < in.size {
			l.pipes.put(in, tapped)
			return 0, false, false
		}
	}
	n, errno, broken := l.fill(in, int(c.FD), min(room, in.size))
	if errno != 0 || n == 0 {
		l.pipes.put(in, tapped)
	}
	switch errno {
	case 0:
	case unix.EAGAIN:
		return 0, false, false
	case unix.EINTR:
		return 0, true, true
	default:
		if c.unspliced(errno) {
			return 0, false, false
		}
		c.Fail(channel.NewOpError("read", errno))
		return 0, false, true
	}
	if n == 0 {
		return 0, false, false
	}
	in.held = n
	if tapped != nil {
		c.tee(in, tapped, n)
	} else {
		c.Spliced(in, n, nil)
	}
	if broken != 0 {
		c.Fail(channel.NewOpError("read", broken))
		return n, false, true
	}
	return n, true, true
}

// tee delivers what is in a pipe together with a copy in another one. If no copy can be made it is delivered as usual.
func (c *Conn) tee(in, tapped *pipe, n int) {
	l := c.loop()
	l.Calls.Splices++
	m, errno := teePipe(in.r, tapped.w, n)
	tapped.held = max(m, 0)
	if m == n {
		c.Spliced(in, n, tapped)
		return
	}
	c.unspliced(errno)
	b, err := l.readPipe(in)
	l.pipes.put(in, tapped)
	if err != nil {
		c.Fail(err)
		return
	}
	c.Received(b)
	c.ReceivedEnd()
}

// unspliced tells whether an error means that bytes have to go by memory of ours, and notes it if that is so for ever.
func (c *Conn) unspliced(errno unix.Errno) bool {
	if unknown(errno) {
		c.NoSplice()
		return true
	}
	return errno == unix.ENOMEM || errno == unix.ENOBUFS
}

// unknown tells whether an error says that the kernel, or a filter, does not splice these.
func unknown(errno unix.Errno) bool {
	return errno == unix.EINVAL || errno == unix.ENOSYS || errno == unix.EPERM || errno == unix.EOPNOTSUPP
}

// readPipe returns what is in a pipe.
func (l *Loop) readPipe(p *pipe) (*buffer.Buf, error) {
	b, err := l.Cache().TryAlloc(p.held)
	if err != nil {
		return nil, channel.NewOpError("read pipe", err)
	}
	for p.held > 0 {
		n, err := unix.Read(p.r, b.Tail(p.held)[:p.held])
		switch {
		case err == unix.EINTR:
		case err != nil || n <= 0:
			b.Release()
			return nil, channel.NewOpError("read pipe", err)
		default:
			b.Commit(n)
			p.held -= n
		}
	}
	return b, nil
}

// fill moves up to room bytes of input into an empty pipe. It goes on until nothing comes: the other side then gets more at a time,
// and the loop waits less often. errno is why nothing came, broken an error behind what came, which the kernel tells only once.
func (l *Loop) fill(p *pipe, fd, room int) (n int, errno, broken unix.Errno) {
	for n < room {
		l.Calls.Splices++
		m, errno := splice(fd, p.w, room-n)
		switch {
		case errno == 0 && m > 0:
			n += m
		case n == 0:
			return 0, errno, 0
		case errno == 0 || errno == unix.EAGAIN || errno == unix.EINTR || errno == unix.ENOMEM || errno == unix.ENOBUFS || unknown(errno):
			return n, 0, 0 // what this was comes again; the pipe may be full
		default:
			return n, 0, errno
		}
	}
	return n, 0, 0
}

// sendPipe sends what is in a pipe. all is what it tried to send.
func (c *Conn) sendPipe(p *pipe) (n, all int, errno unix.Errno) {
	l := c.loop()
	all = p.held
	l.Calls.Splices++
	n, errno = splice(p.r, int(c.FD), all)
	if errno == 0 {
		p.held -= n
		l.Calls.SplicedBytes += uint64(n)
	}
	return n, all, errno
}
