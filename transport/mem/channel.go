package mem

import (
	"io"
	"net"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// conn is a side of a link that an engine has: a channel and its backend.
type conn struct {
	channel.Port
	link  *link
	me    uint8
	flags flag
	slot  int32 // in the loop's table, -1 once the connection is closed
	owner *group.Owner
	inList
}

type flag uint8

const (
	draining flag = 1 << iota // to be closed when all input is delivered
)

var (
	_ channel.Backend = (*conn)(nil)
	_ end             = (*conn)(nil)
)

// loop returns the event loop that the connection is on.
func (c *conn) loop() *loop { return c.Loop().Engine.(*loop) }

// input and output implement end. They are called by any goroutine.
func (c *conn) input(at time.Duration) {
	l := c.loop()
	if at <= c.link.now() {
		l.ready.add(c)
	} else {
		l.ready.expect(c, at)
	}
}

func (c *conn) output() { c.loop().ready.add(c) }

// serve looks what has happened to the connection. Output goes first: it may free what input needs.
func (c *conn) serve() {
	if c.slot < 0 {
		return
	}
	k := c.link.look(int(c.me))
	if k.broken {
		_, _, err := c.link.read(int(c.me), nil)
		c.Fail(channel.NewOpError("read", err))
		return
	}
	if k.roomy {
		c.Ready()
	}
	if c.slot < 0 {
		return
	}
	if !c.Reading() {
		c.link.again(int(c.me)) // it was expected for input, and a reset may follow
		return
	}
	if k.have > 0 || k.ended {
		c.read()
	} else {
		c.link.setReading(int(c.me), true) // it may have come too early: for what is on its way
	}
	if c.flags&draining != 0 && c.slot >= 0 {
		c.drain()
	}
}

// read takes one piece of input.
func (c *conn) read() {
	room := c.Room()
	l := c.loop()
	l.counts.Reads++
	if room == nil { // it waits for memory, unless the peer is gone
		if k := c.link.look(int(c.me)); k.have == 0 && k.ended {
			c.ReceivedEOF()
		}
		return
	}
	if b := c.link.receive(int(c.me)); b != nil { // with the memory that it has already
		c.Received(b)
		c.ReceivedEnd()
		return
	}
	switch n, _, err := c.link.read(int(c.me), room); {
	case err == io.EOF:
		c.ReceivedEOF()
	case err != nil:
		c.Fail(channel.NewOpError("read", err))
	case n > 0:
		c.Input(n)
	}
}

// SetReading implements channel.Backend.
func (c *conn) SetReading(on bool) {
	c.link.setReading(int(c.me), on)
	if on && c.flags&draining != 0 {
		c.output() // served, and looked after, though there may be no input
	}
}

// HasInput implements channel.Backend.
func (c *conn) HasInput(n int) bool {
	k := c.link.look(int(c.me))
	return k.have >= n || k.ended || k.broken
}

// CloseWrite implements channel.Backend.
func (c *conn) CloseWrite() error {
	c.link.shutdown(int(c.me)) // a reset that has come is told by the next event
	return nil
}

// Close implements channel.Backend.
func (c *conn) Close(abort bool) {
	l := c.loop()
	l.conns.remove(c)
	l.load.Add(-1)
	c.link.close(int(c.me), abort)
	c.owner.Gone()
}

// discard closes a connection that is not in a loop.
func (c *conn) discard() {
	c.link.close(int(c.me), true)
	c.owner.Gone()
}

// LocalAddr implements channel.Backend.
func (c *conn) LocalAddr() net.Addr { return c.link.sides[c.me].addr }

// RemoteAddr implements channel.Backend.
func (c *conn) RemoteAddr() net.Addr { return c.link.sides[1-c.me].addr }

// A table has the connections of a loop by number.
type table struct {
	slots []*conn
	free  []int32
}

func (t *table) add(c *conn) {
	if n := len(t.free); n > 0 {
		c.slot = t.free[n-1]
		t.free = t.free[:n-1]
		t.slots[c.slot] = c
		return
	}
	c.slot = int32(len(t.slots))
	t.slots = append(t.slots, c)
}

func (t *table) remove(c *conn) {
	t.slots[c.slot] = nil
	t.free = append(t.free, c.slot)
	c.slot = -1
}
