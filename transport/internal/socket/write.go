//go:build linux

package socket

import (
	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
)

const (
	maxVectors = 1024    // IOV_MAX, writev(2)
	maxTurn    = 1 << 20 // bytes that one connection sends in one turn
)

// Flush implements channel.Backend.
func (c *Conn) Flush(q *channel.Outbound) error {
	if c.Flags&fetching != 0 && q.Bytes() == 0 {
		return nil // the file is on its way from the disk
	}
	for sent := 0; !q.Empty(); {
		if sent >= maxTurn { // the others' turn; there is room, so the event comes at once
			c.want(WantOut, true)
			return nil
		}
		var n, all, kept int
		var errno unix.Errno
		if q.Bytes() > 0 {
			if c.Flags&ZeroCopying == 0 {
				n, all, errno = c.sendBytes(q)
			} else {
				n, all, kept, errno = c.sendPieces(q)
			}
		} else if q.Descriptors() != nil {
			var err error
			if n, all, errno, err = c.sendDescriptors(q); err != nil {
				return err
			}
		} else if p := q.Pipe(); p != nil {
			n, all, errno = c.sendPipe(p.(*pipe))
			if errno != 0 && c.unspliced(errno) {
				b, err := c.loop().readPipe(p.(*pipe))
				if err != nil {
					return err
				}
				q.Unpipe(c.loop().Cache(), b)
				continue
			}
		} else {
			var err error
			if n, all, errno, err = c.sendFile(q.File(), maxTurn-sent&^(64<<10-1)); err != nil { // whole pages of it
				return err
			}
			if c.Flags&fetching != 0 {
				c.want(WantOut, false)
				return nil
			}
		}
		switch errno {
		case 0:
		case unix.EINTR:
			continue
		case unix.EAGAIN:
			c.WaitForRoom(q)
			return nil
		default:
			return channel.NewOpError("write", errno)
		}
		q.Advance(int64(n - kept))
		if n < all { // the system has no more room
			c.WaitForRoom(q)
			return nil
		}
		sent += n
	}
	c.cork(false)
	c.want(WantOut, false)
	return nil
}

// cork has only full segments leave while a file is sent that takes more than one call: without it a short one leaves at the end
// of each, and whenever the socket's buffer has got some room. It costs two calls a file, none for one that is small.
func (c *Conn) cork(on bool) {
	if on == (c.Flags&corked != 0) || c.Flags&isTCP == 0 {
		return
	}
	c.Flags ^= corked
	v := 0
	if on {
		v = 1
	}
	c.loop().Calls.Files++
	unix.SetsockoptInt(int(c.FD), unix.IPPROTO_TCP, unix.TCP_CORK, v) // tcp(7); if it fails, more segments are sent
}

// WaitForRoom is called when the system takes no more of a queue.
func (c *Conn) WaitForRoom(q *channel.Outbound) {
	c.cork(q.Bytes() == 0 && q.File() != nil && q.Pipe() == nil)
	c.want(WantOut, true)
	c.Blocked()
}

// sendBytes sends the bytes before the next file, or 1024 pieces of them, in one call. all is what it tried to send.
func (c *Conn) sendBytes(q *channel.Outbound) (n, all int, errno unix.Errno) {
	flags := 0
	if f := q.File(); f != nil && f.Size() > 0 {
		flags = unix.MSG_MORE // the header waits for the file's first bytes, sendto(2)
	}
	l := c.loop()
	l.Calls.Writes++
	p, only := q.First()
	if only {
		n, errno = send(int(c.FD), p, flags)
		l.Calls.wrote(n)
		return n, len(p), errno
	}
	l.pieces = q.Vectors(l.pieces[:0], maxVectors, maxTurn)
	all = l.vectorize()
	if flags == 0 {
		n, errno = writev(int(c.FD), l.vectors)
	} else {
		n, errno = sendmsg(int(c.FD), l.vectors, flags)
	}
	l.Calls.wrote(n)
	return n, all, errno
}
