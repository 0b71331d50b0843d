//go:build unix

package gnet

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"

	gnetv2 "github.com/panjf2000/gnet/v2"
	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var errNotRegistered = errors.New("gnet did not take the connection")

// leave makes the connection independent of gnet, by a duplicate of the descriptor that gnet closes.
func (c *conn) leave() {
	if c.gc == nil || c.gone() {
		return
	}
	l := c.loop()
	l.calls.Control += 2
	fd, err := unix.FcntlInt(uintptr(c.fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		if c.flags&ended != 0 || c.buffered() > 4*l.readAhead { // else it tries again at the next input
			c.Fail(channel.NewOpError("dup", err))
		}
		return
	}
	c.hold()
	gc := c.gc
	c.gc, c.fd = nil, fd
	if c.flags&called == 0 {
		gc.EventLoop().Close(gc)
	}
}

// comeBack gives the connection to gnet again, if it is apart and reads. Meanwhile it goes on writing.
func (c *conn) comeBack() {
	if c.gc != nil || c.gone() || !c.Reading() || c.flags&(joining|ended) != 0 {
		return
	}
	l := c.loop()
	l.calls.Control += 8
	fd, err := unix.FcntlInt(uintptr(c.fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		c.stayedApart(err)
		return
	}
	c.flags |= joining
	c.joins++
	this := c.joins
	kept := optionsOf(c.fd, c.flags&isTCP != 0)
	go func() {
		nc, err := connOf(fd, kept)
		if err == nil {
			err = l.enroll(c, nc)
		}
		l.insist(func(stopped error) {
			if stopped != nil || c.flags&joining == 0 || c.joins != this { // it was back, and may have left once more
				return
			}
			if err == nil {
				err = errNotRegistered
			}
			c.flags &^= joining
			c.stayedApart(err)
		})
	}()
}

// stayedApart ends comeBack when it has failed.
func (c *conn) stayedApart(err error) {
	if scarce(err) {
		c.after(retryDup, c.comeBack)
	} else {
		c.Fail(channel.NewOpError("read", err))
	}
}

const retryDup = 5 * time.Millisecond

// scarce tells whether an error says that no descriptor is free.
func scarce(err error) bool { return errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE) }

// spare waits until a descriptor is free, as gnet needs one more for a connection while it takes it, and closes those for which there is
// none. Two calls may get the same one; then one of the connections is lost after all. If it waits it calls tell, once.
func spare(nc net.Conn, stop <-chan struct{}, tell func(error)) {
	raw, err := nc.(syscall.Conn).SyscallConn()
	if err != nil {
		return
	}
	for {
		raw.Control(func(fd uintptr) {
			var dup int
			if dup, err = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0); err == nil {
				unix.Close(dup)
			}
		})
		if !scarce(err) {
			return
		}
		tell(err)
		tell = func(error) {} // once
		select {
		case <-stop:
			return
		case <-time.After(retryDup):
		}
	}
}

// rejoin ends comeBack.
func (l *loop) rejoin(c *conn, gc gnetv2.Conn) {
	defer l.Recover()
	c.flags &^= joining
	if c.gone() {
		return
	}
	l.Tick()
	unix.Close(c.fd)
	c.gc = gc
	c.joined()
	c.deliver()
	l.Turn()
}

// connOf makes a connection of package net of a descriptor, which it owns.
func connOf(fd int, options []option) (net.Conn, error) {
	f := os.NewFile(uintptr(fd), "")
	defer f.Close()
	nc, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	if nc.RemoteAddr() == nil { // the connection is broken; gnet does not expect that
		nc.Close()
		if err = brokenBy(fd); err == nil {
			err = unix.ECONNRESET
		}
		return nil, err
	}
	setOptions(fd, options) // FileConn has changed some
	return nc, nil
}

// option is the value of an option of a socket.
type option struct{ level, name, value int }

// optionsOf returns those options of a socket that net.FileConn changes.
func optionsOf(fd int, tcp bool) []option {
	if !tcp {
		return nil
	}
	var options []option
	for _, o := range keptOptions {
		if v, err := unix.GetsockoptInt(fd, o.level, o.name); err == nil {
			o.value = v
			options = append(options, o)
		}
	}
	return options
}

func setOptions(fd int, options []option) {
	for _, o := range options {
		unix.SetsockoptInt(fd, o.level, o.name, o.value)
	}
}

// capabilities of the systems on which we use gnet's descriptors.
var capabilities = engine.Capabilities{
	Networks:      []string{"tcp", "tcp4", "tcp6", "unix"},
	Sendfile:      canSendfile,
	Reset:         true,
	HalfClose:     true,
	Gathered:      canGather,
	ReusePort:     canReusePort,
	SocketOptions: allOptions,
	Credentials:   canTell,
}
