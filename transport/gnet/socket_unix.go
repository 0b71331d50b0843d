//go:build unix

package gnet

import (
	"net"
	"os"

	gnetv2 "github.com/panjf2000/gnet/v2"
	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
)

// socket is the descriptor of a connection: that of gnet, or our own while it is apart. It is used on the loop only.
type socket struct {
	fd    int
	watch *os.File // a duplicate on which a goroutine waits for room
}

// joined notes that the connection is with gnet.
func (c *conn) joined() { c.fd = c.gc.Fd() }

// closeSocket ends the use of the descriptor, and closes it if it is our own.
func (c *conn) closeSocket(own bool) {
	if own {
		unix.Close(c.fd)
	}
	c.fd = -1 // the number will soon be another's
	if c.watch != nil {
		c.watch.Close() // the goroutine ends
		c.watch = nil
	}
}

// resetOnClose has the connection reset when it is closed. With a linger time of zero, close sends a reset (socket(7), RFC 9293
// section 3.10.4).
func (c *conn) resetOnClose() {
	unix.SetsockoptLinger(c.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
}

// CloseWrite implements channel.Backend.
func (c *conn) CloseWrite() error {
	c.loop().calls.Control++
	if err := unix.Shutdown(c.fd, unix.SHUT_WR); err != nil && err != unix.ENOTCONN {
		return channel.NewOpError("shutdown", err)
	}
	return nil
}

// socketError returns why the connection is broken, nil if it is not.
func (c *conn) socketError() error { return brokenBy(c.fd) }

func brokenBy(fd int) error {
	errno, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && errno != 0 {
		return unix.Errno(errno)
	}
	return err
}

// socketHas tells whether n more bytes of input wait in the socket, or the end of the stream.
func (c *conn) socketHas(n int) bool {
	c.loop().calls.Control++
	p := make([]byte, n)
	have, _, err := unix.Recvfrom(c.fd, p, unix.MSG_PEEK|unix.MSG_DONTWAIT)
	switch {
	case err == unix.EAGAIN || err == unix.EINTR:
		return false
	case err != nil || have == 0 || have >= n:
		return true
	}
	return peerEnded(c.fd)
}

// sendBytes sends the bytes before the next file, or 1024 pieces of them, in one call. all is what it tried to send.
func (c *conn) sendBytes(q *channel.Outbound) (n, all int, err error) {
	f := q.File()
	more := f != nil && f.Size() > 0 // the header waits for the file's first bytes
	p, only := q.First()
	if only {
		n, err = c.send(p, more)
		return n, len(p), err
	}
	l := c.loop()
	l.pieces = q.Vectors(l.pieces[:0], maxVectors, maxTurn)
	l.calls.Writes++
	return l.wrote(l.vectors.send(c.fd, l.pieces, more))
}

// send sends p, or the beginning of it.
func (c *conn) send(p []byte, more bool) (int, error) {
	l := c.loop()
	l.calls.Writes++
	n, err := sendOne(c.fd, p, more)
	n, _, err = l.wrote(n, len(p), err)
	return n, err
}

// wrote counts what a call has sent, and sorts its errors: no room is none.
func (l *loop) wrote(n, all int, err error) (int, int, error) {
	if err == nil {
		l.calls.WrittenBytes += uint64(n)
		return n, all, nil
	}
	if err == unix.EAGAIN || err == unix.EINTR || err == unix.ENOBUFS {
		return 0, all, nil
	}
	return 0, all, channel.NewOpError("write", err)
}

// waitForRoom has Port.Ready called when the socket takes more. gnet would not tell, so a goroutine waits.
func (c *conn) waitForRoom() {
	if c.flags&waiting != 0 {
		return
	}
	c.flags |= waiting
	l := c.loop()
	l.calls.Control += 2
	fd, err := unix.FcntlInt(uintptr(c.fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil { // there is no descriptor left: look again soon
		c.after(retryDup, func() { c.room(nil) })
		return
	}
	f := os.NewFile(uintptr(fd), "")
	c.watch = f
	go func() {
		awaitRoom(f)
		f.Close()
		l.insist(func(err error) {
			if err == nil {
				c.room(f)
			}
		})
	}()
}

// room ends a wait.
func (c *conn) room(f *os.File) {
	if c.gone() || c.watch != f {
		return
	}
	c.watch = nil
	c.flags &^= waiting
	c.Ready()
}

// awaitRoom returns when f takes output, or is closed.
func awaitRoom(f *os.File) {
	raw, err := f.SyscallConn()
	if err != nil {
		return
	}
	asked := false
	raw.Write(func(fd uintptr) bool {
		if asked {
			return true
		}
		asked = true
		// Go's poller tells of changes only: the room may have come before it was asked.
		p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
		n, err := unix.Poll(p, 0)
		return n != 0 || err != nil
	})
}

// localAddr returns the address of our side of a connection that gnet has accepted. gnet knows that of its listener only.
func localAddr(gc gnetv2.Conn) net.Addr {
	sa, err := unix.Getsockname(gc.Fd())
	if err == nil {
		switch sa := sa.(type) {
		case *unix.SockaddrInet4:
			return &net.TCPAddr{IP: append(net.IP(nil), sa.Addr[:]...), Port: sa.Port}
		case *unix.SockaddrInet6:
			if sa.ZoneId == 0 {
				return &net.TCPAddr{IP: append(net.IP(nil), sa.Addr[:]...), Port: sa.Port}
			}
		}
	}
	return clone(gc.LocalAddr())
}
