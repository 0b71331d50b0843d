package mem

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// A Conn is one side of a connection for ordinary Go code: a net.Conn with the methods of a *net.TCPConn that end one direction
// or reset the connection. Its methods may be called by any goroutine; several Reads at the same time take turns, and so do
// several Writes. An open Conn has no goroutine, and nothing that needs to be closed but for the other side's sake.
type Conn struct {
	link *link
	me   int

	done   chan struct{} // closed by Close
	once   sync.Once
	linger atomic.Bool // Close resets the connection

	in, out direction
}

// A direction is what Read or Write needs.
type direction struct {
	turn  chan struct{} // holds a token while nobody reads, or writes
	told  chan struct{} // gets a token when there is something to look at
	limit deadline
	timer *time.Timer // for what is on its way; belongs to whoever has the turn
}

func (d *direction) init() {
	d.turn, d.told = make(chan struct{}, 1), make(chan struct{}, 1)
	d.turn <- struct{}{}
	d.limit.init()
}

// tell has whoever waits look again.
func (d *direction) tell() {
	select {
	case d.told <- struct{}{}:
	default:
	}
}

func newConn(l *link, me int) *Conn {
	c := &Conn{link: l, me: me, done: make(chan struct{})}
	c.in.init()
	c.out.init()
	l.attach(me, c, true)
	return c
}

// input and output implement end.
func (c *Conn) input(time.Duration) {
	c.in.tell()
	if c.link.streams[c.me].reset != never { // a writer must learn of that too
		c.out.tell()
	}
}

func (c *Conn) output() { c.out.tell() }

// begin waits for the turn.
func (c *Conn) begin(d *direction) error {
	passed := d.limit.wait()
	switch {
	case isClosed(c.done):
		return net.ErrClosed
	case isClosed(passed):
		return os.ErrDeadlineExceeded
	}
	select {
	case <-d.turn:
		return nil
	case <-c.done:
		return net.ErrClosed
	case <-passed:
		return os.ErrDeadlineExceeded
	}
}

func (d *direction) end() { d.turn <- struct{}{} }

// wait waits until there is something to look at, or until a time.
func (c *Conn) wait(d *direction, until time.Duration) error {
	passed := d.limit.wait()
	switch {
	case until <= c.link.now():
		return nil
	case until == never:
		select {
		case <-d.told:
		case <-c.done:
			return net.ErrClosed
		case <-passed:
			return os.ErrDeadlineExceeded
		}
		return nil
	}
	left := until - c.link.now()
	if d.timer == nil {
		d.timer = time.NewTimer(left)
	} else {
		d.timer.Reset(left)
	}
	defer d.timer.Stop()
	select {
	case <-d.told:
	case <-d.timer.C:
	case <-c.done:
		return net.ErrClosed
	case <-passed:
		return os.ErrDeadlineExceeded
	}
	return nil
}

// Read implements net.Conn. Bytes that have come before a deadline passes are returned before its error is, and a reset drops
// those that were not read.
func (c *Conn) Read(p []byte) (int, error) {
	if err := c.begin(&c.in); err != nil {
		return 0, c.opError("read", err)
	}
	defer c.in.end()
	for {
		n, next, err := c.link.read(c.me, p)
		switch {
		case err == io.EOF:
			return 0, err
		case err != nil:
			return 0, c.opError("read", os.NewSyscallError("read", err))
		case n > 0 || len(p) == 0:
			return n, nil
		}
		if err := c.wait(&c.in, next); err != nil {
			return 0, c.opError("read", err)
		}
	}
}

// Write implements net.Conn. It returns when all of p is on its way; the other side need not have read it.
func (c *Conn) Write(p []byte) (n int, err error) {
	if err := c.begin(&c.out); err != nil {
		return 0, c.opError("write", err)
	}
	defer c.out.end()
	for {
		m, err := c.link.write(c.me, p[n:])
		if n += m; err != nil {
			return n, c.opError("write", os.NewSyscallError("write", err))
		}
		if n == len(p) {
			return n, nil
		}
		if err := c.wait(&c.out, c.link.resetAt(c.me)); err != nil {
			c.link.block(c.me, false)
			return n, c.opError("write", err)
		}
	}
}

// Close implements net.Conn: what was written still arrives, then the end. If input has come that was not read, the other side
// sees a reset instead, as TCP does it.
func (c *Conn) Close() error {
	err := net.ErrClosed
	c.once.Do(func() {
		err = nil
		close(c.done)
		c.link.close(c.me, c.linger.Load())
	})
	return c.opError("close", err)
}

// CloseWrite ends our stream: the other side sees the end behind what was written. Reading goes on.
func (c *Conn) CloseWrite() error {
	if isClosed(c.done) {
		return c.opError("close", net.ErrClosed)
	}
	return c.opError("close", os.NewSyscallError("shutdown", c.link.shutdown(c.me)))
}

// SetLinger has Close reset the connection if sec is 0, as that of a *net.TCPConn does. Other values have no effect: what was
// written arrives anyway.
func (c *Conn) SetLinger(sec int) error {
	c.linger.Store(sec == 0)
	return nil
}

// Reset closes the connection with a reset: the other side sees ECONNRESET, perhaps instead of what was written last.
func (c *Conn) Reset() error {
	c.linger.Store(true)
	return c.Close()
}

// LocalAddr implements net.Conn.
func (c *Conn) LocalAddr() net.Addr { return c.link.sides[c.me].addr }

// RemoteAddr implements net.Conn.
func (c *Conn) RemoteAddr() net.Addr { return c.link.sides[1-c.me].addr }

// SetDeadline implements net.Conn.
func (c *Conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline implements net.Conn.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.setDeadline(&c.in, t) }

// SetWriteDeadline implements net.Conn.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.setDeadline(&c.out, t) }

func (c *Conn) setDeadline(d *direction, t time.Time) error {
	if isClosed(c.done) {
		return c.opError("set", net.ErrClosed)
	}
	d.limit.set(t)
	return nil
}

// opError is what package net makes of an error of a connection.
func (c *Conn) opError(op string, err error) error {
	if err == nil {
		return nil
	}
	return &net.OpError{Op: op, Net: c.LocalAddr().Network(), Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}
