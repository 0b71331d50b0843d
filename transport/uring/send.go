//go:build linux

package uring

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/socket"
)

// Sending
//
// What is short goes out by a request: that of many connections leaves in one call. Such a request never waits (MSG_DONTWAIT), so it is over
// when the call is that submits it, there is one at most per connection, and none keeps memory in use or gets
// out of order. If the socket has no room, or takes a part only, the connection waits for room as it does with epoll. What is
// long, and files, is sent at once by a call, whose cost does not matter then, as is the answer to the only thing that has happened in
// a turn: it would have had a call for itself anyway.
const (
	maxRingSend   = 4 << 10
	maxRingPieces = 16
)

// gather holds the vectors of requests until the kernel has taken them.
type gather struct {
	vectors  [1024]unix.Iovec
	messages [256]unix.Msghdr
	v, m     int
	pieces   [][]byte
}

// reuse frees the vectors when the kernel has taken all requests: it has its own copy then (IORING_FEAT_SUBMIT_STABLE).
func (g *gather) reuse(r *ring) {
	if g.m > 0 && r.taken() {
		g.v, g.m = 0, 0
	}
}

// message returns a message of pieces, nil if there is no room for it.
func (g *gather) message(pieces [][]byte) *unix.Msghdr {
	if g.m == len(g.messages) || len(g.vectors)-g.v < len(pieces) {
		return nil
	}
	v := g.vectors[g.v : g.v+len(pieces)]
	for i, p := range pieces {
		v[i].Base = &p[0]
		v[i].SetLen(len(p))
	}
	g.v += len(pieces)
	m := &g.messages[g.m]
	g.m++
	*m = unix.Msghdr{Iov: &v[0]}
	m.SetIovlen(len(v))
	return m
}

// Flush implements channel.Backend.
func (c *conn) Flush(q *channel.Outbound) error {
	short := q.Bytes() <= maxRingSend && q.File() == nil && c.Flags&socket.PollOnly == 0 && !c.poller().alone && !c.Loop().Urgent()
	if c.state&sends != 0 {
		if short || !c.retract() {
			return nil
		}
	}
	if c.state&answered != 0 {
		c.state &^= answered
		if on, err := c.account(q); !on {
			return err
		}
	}
	if q.Empty() || short && c.Flags&socket.WantOut == 0 && c.send(q) {
		return nil
	}
	return c.Conn.Flush(q)
}

// account takes off the queue what a request has sent, and tells whether to go on.
func (c *conn) account(q *channel.Outbound) (on bool, err error) {
	switch {
	case c.sent >= 0:
		c.poller().loop.Calls.WrittenBytes += uint64(c.sent)
		q.Advance(int64(c.sent))
		if c.sent == c.sending {
			return true, nil
		}
	case c.sent == -int32(unix.EINTR):
		return true, nil
	case c.sent != -int32(unix.EAGAIN):
		return false, channel.NewOpError("write", unix.Errno(-c.sent))
	}
	c.WaitForRoom(q)
	return false, nil
}

// send writes a request that sends the queue, and tells whether it could.
func (c *conn) send(q *channel.Outbound) bool {
	p := c.poller()
	p.reserve(1) // before vectors are written, which are used again when all that was written is submitted
	op, n := uint8(opSend), 0
	var addr unsafe.Pointer
	first, only := q.First()
	if only {
		addr, n = unsafe.Pointer(unsafe.SliceData(first)), len(first)
	} else {
		p.gather.pieces = q.Vectors(p.gather.pieces[:0], maxRingPieces+1, maxRingSend)
		if len(p.gather.pieces) > maxRingPieces {
			return false
		}
		m := p.gather.message(p.gather.pieces)
		if m == nil {
			return false
		}
		op, addr, n = opSendmsg, unsafe.Pointer(m), q.Bytes()
	}
	e := c.arm(op, evSend)
	e.addr, e.opFlags, e.len = uint64(uintptr(addr)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 1
	if only {
		e.len = uint32(n)
	}
	c.state |= sends
	c.sending, c.sendAt = int32(n), p.ring.tail-1
	return true
}

// retract takes a request to send back that was not submitted yet, and tells whether it could.
func (c *conn) retract() bool {
	r := c.poller().ring
	if !r.pending(c.sendAt) {
		return false
	}
	*r.at(c.sendAt) = sqe{op: opNop, userData: tag(evCancel, c.slot)}
	c.state &^= sends
	return true
}

// Remove implements socket.Poller.
func (p *poller) Remove(sc *socket.Conn) {
	c := from(sc)
	c.drop()
	if c.state&sends != 0 {
		c.retract() // its bytes are no longer ours
	}
	c.state |= gone
	c.requests += uint16(p.shut(c.FD, c.requests > 0, evCancel, evClose, c.slot))
	c.FD = -1
}

// shut closes a descriptor, after all requests for it have been ended: a request would keep the socket open. It returns the number of
// completions that follow, which report the events ended and closed.
func (p *poller) shut(fd int32, requests bool, ended, closed event, number uint32) (completions int) {
	p.reserve(2) // a link does not reach from one call into the next
	if requests {
		end := p.request(opCancel, fd, tag(ended, number))
		end.opFlags, end.flags = cancelAll|cancelFD, sqeHardlink
		completions++
	}
	p.request(opClose, fd, tag(closed, number))
	return completions + 1
}
