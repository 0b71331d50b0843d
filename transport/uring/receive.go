//go:build linux

package uring

import (
	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/socket"
)

// provide makes the ring of buffers, unless it is there or memory is short, and tells whether there is one.
func (p *poller) provide() bool {
	if p.loop.Cache().Pool().Pressed() {
		return false
	}
	if p.buffers == nil {
		b, err := newBuffers(p.ring)
		if err != nil { // a kernel before 5.19, or no memory: polling does it too
			p.pollOnly = true
			return false
		}
		p.buffers = b
	}
	return true
}

// feed puts buffers into the ring, and has the connections go on that found none.
func (p *poller) feed() {
	some := p.buffers.refill(p.loop.Cache())
	if len(p.starved) == 0 {
		return
	}
	if some && p.buffers.grow() {
		p.buffers.refill(p.loop.Cache())
	} else {
		some = false // there are as many as there may be: polling needs none
	}
	for i, c := range p.starved {
		p.starved[i] = nil
		c.state &^= hungry
		if !some {
			c.poll()
		}
		c.rearm()
	}
	p.starved = p.starved[:0]
}

// received handles the completion of a receive.
func (c *conn) received(q cqe) {
	var b *buffer.Buf
	if q.flags&cqeBuffer != 0 {
		b = c.poller().buffers.take(uint16(q.flags>>cqeBufferShift), int(max(q.res, 0)))
	}
	if q.flags&cqeMore == 0 {
		c.state &^= receiving | ending
	}
	switch errno := unix.Errno(max(-q.res, 0)); {
	case c.state&gone != 0:
		if b != nil {
			b.Release()
		}
		return
	case errno == unix.ENOBUFS:
		c.state |= hungry
		p := c.poller()
		p.starved = append(p.starved, c)
	case errno == unix.ECANCELED || errno == unix.EAGAIN || errno == unix.EINTR:
	case c.late != nil || c.Flags&socket.WantIn == 0:
		c.keep(b, errno)
	default:
		c.deliver(b, errno)
	}
	c.settle()
	c.rearm()
}

// deliver passes on what was received: bytes, or an error, or else the end of the stream.
func (c *conn) deliver(b *buffer.Buf, errno unix.Errno) {
	switch {
	case b != nil:
		full := b.Len() == bufferLen
		c.Received(b)
		c.ReceivedEnd()
		c.Heard()
		if full || c.poller().loop.Cache().Pool().Pressed() {
			c.poll()
		}
	case errno != 0:
		c.Fail(channel.NewOpError("read", errno))
	case !c.Ended():
		c.state |= hungUp
		c.ReceivedEOF()
	}
}

// keep keeps what came after reading was paused, or behind such.
func (c *conn) keep(b *buffer.Buf, errno unix.Errno) {
	if c.late == nil {
		c.late = new(late)
	}
	switch {
	case b != nil:
		c.late.bufs = append(c.late.bufs, b)
	case errno != 0:
		c.late.err = channel.NewOpError("read", errno)
	default:
		c.late.end = true
	}
	c.poll()
	if c.Flags&socket.WantIn != 0 {
		c.list()
	}
}

// deliverLate passes on what was kept, until reading is paused again.
func (c *conn) deliverLate() {
	for c.late != nil && c.state&gone == 0 && c.Flags&socket.WantIn != 0 {
		l := c.late
		switch {
		case len(l.bufs) > 0:
			b := l.bufs[0]
			l.bufs = l.bufs[1:]
			c.Received(b)
			c.ReceivedEnd()
		case l.err != nil:
			c.late = nil
			c.Fail(l.err)
		case l.end:
			c.late = nil
			c.deliver(nil, 0)
		default:
			c.late = nil
			c.settle()
		}
	}
}

// settle notes when nothing is left in the ring of what the peer has sent, and may be read by calls again.
func (c *conn) settle() {
	if c.late == nil && c.state&receiving == 0 && c.Flags&socket.InRing != 0 {
		c.Flags &^= socket.InRing
		c.Heard()
	}
}

// drop releases what was kept.
func (c *conn) drop() {
	if c.late != nil {
		for _, b := range c.late.bufs {
			b.Release()
		}
		c.late = nil
	}
}
