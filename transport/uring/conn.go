//go:build linux

package uring

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/socket"
)

// conn is a connection and what the ring does for it. It is told of input in one of two ways:
//
//	           ┌── small messages, one after the other ──►┐
//	polling: multishot poll, then recv(2)      receiving: multishot receive into buffers
//	           └◄── a full buffer, none left, a pause, ───┘
//	                memory is short, draining
//
// Polling costs a call for each piece, and nothing while idle; it has room for large pieces and takes nothing that nobody wants.
// Receiving costs no call.
type conn struct {
	socket.Conn // first, see from
	slot        uint32
	state       state
	requests    uint16 // that the kernel has not ended
	streak      uint16 // of small pieces, while polling
	need        uint16 // streak after which it receives; doubled when that was no good
	sending     int32  // bytes in the request to send
	sent        int32  // its result
	sendAt      uint32 // its number in the ring
	late        *late
}

// late is input that came while it was not wanted.
type late struct {
	bufs []*buffer.Buf
	end  bool  // and after it the end of the stream,
	err  error // or an error
}

type state uint16

const (
	polling   state = 1 << iota // a poll for input is armed
	receiving                   // a receive is armed
	ending                      // it is being cancelled
	outArmed                    // a poll for output is armed
	unread                      // there may be input of which no event will tell
	hungUp                      // the peer has ended its stream, or is gone
	listed                      // in the list of those that are ready
	hungry                      // in the list of the starved
	small                       // receives rather than polls
	sends                       // a request to send is written or submitted
	answered                    // it has a result that Flush did not see
	blind                       // the poll that is armed is for errors only
	deaf                        // and it has told all that there will be
	gone                        // the channel is closed
	outStays                    // the poll for output goes on
)

const (
	smallPiece  = bufferLen / 4 * 3 // above this a piece is not small
	firstStreak = 4
	maxStreak   = 1 << 10
)

// poller returns the poller of the connection's loop. It stands there, to save a word per connection, which with it would be of the next
// size of the Go heap.
func (c *conn) poller() *poller { return c.Loop().Engine.(*socket.Loop).Poller.(*poller) }

// from returns the conn around a socket.Conn, which is its first field.
func from(c *socket.Conn) *conn { return (*conn)(unsafe.Pointer(c)) }

var _ [0 - unsafe.Offsetof(conn{}.Conn)]struct{}

// Add implements socket.Poller.
func (p *poller) Add(connection socket.Connection) error {
	c := connection.(*conn)
	c.need = p.streak
	c.slot = p.slots.add(c)
	c.armPoll()
	return nil
}

// Want implements socket.Poller.
func (p *poller) Want(sc *socket.Conn) {
	c := from(sc)
	if c.Flags&socket.Draining != 0 {
		c.poll()
	}
	c.armOut()
	if c.Flags&socket.WantIn != 0 {
		c.wantIn()
	}
}

// arm returns a new request for the connection.
func (c *conn) arm(op uint8, e event) *sqe {
	c.requests++
	return c.poller().request(op, c.FD, tag(e, c.slot))
}

// armOut polls for room for output, if it is wanted, and ends a poll that goes on if it is not.
func (c *conn) armOut() {
	wanted := c.Flags&socket.WantOut != 0
	switch {
	case c.state&gone != 0:
	case wanted && c.state&outArmed == 0:
		c.state |= outArmed
		c.arm(opPollAdd, evOut).opFlags = pollEvents(unix.POLLOUT)
	case !wanted:
		c.endOut()
	}
}

// endOut cancels a poll for output that goes on. When it has ended one that looks at once takes its place, if room is wanted.
func (c *conn) endOut() {
	if c.state&outStays != 0 {
		c.state &^= outStays
		c.requests++
		c.poller().cancel(tag(evOut, c.slot), tag(evOutEnd, c.slot))
	}
}

// room handles the completion of a poll for output. The kernel reports the end of the peer's stream whether or not one asks for it,
// and would do so again at once: then a poll that goes on waits for what is new.
func (c *conn) room(q cqe) {
	if q.flags&cqeMore == 0 {
		c.state &^= outArmed | outStays
	}
	switch {
	case c.state&gone != 0 || c.Flags&socket.WantOut == 0 || q.res == -int32(unix.ECANCELED):
	case q.res > 0 && q.res&(unix.POLLOUT|unix.POLLERR|unix.POLLHUP) == 0:
		if c.state&outArmed == 0 {
			c.state |= outArmed | outStays
			e := c.arm(opPollAdd, evOut)
			e.opFlags, e.len = pollEvents(unix.POLLOUT), pollMultishot
		}
		return
	default:
		c.endOut()
		c.Ready()
	}
	c.armOut() // it is for one event
}

func (c *conn) armPoll() {
	c.state |= polling
	e := c.arm(opPollAdd, evPoll)
	e.opFlags, e.len = pollEvents(unix.POLLIN|unix.POLLRDHUP), pollMultishot
}

func (c *conn) armReceive() {
	c.state |= receiving
	c.Flags |= socket.InRing
	e := c.arm(opRecv, evReceive)
	e.ioprio, e.flags, e.bufGroup = recvMultishot, sqeBufferSelect, group
}

// end cancels what is armed for input. What has come until that is done still comes.
func (c *conn) end() {
	if c.state&(polling|receiving) == 0 || c.state&ending != 0 {
		return
	}
	c.state |= ending
	e := evPoll
	if c.state&receiving != 0 {
		e = evReceive
	}
	c.requests++
	c.poller().cancel(tag(e, c.slot), tag(evCancel, c.slot))
}

// wantIn has input reported that may have come already, and that comes.
func (c *conn) wantIn() {
	c.state &^= deaf
	if c.late != nil || c.state&unread != 0 {
		c.list()
	}
	c.rearm()
}

// rearm arms what tells of input, or of errors while input is not wanted, if nothing does.
func (c *conn) rearm() {
	switch {
	case c.state&(gone|hungry) != 0 || c.poller().closed:
	case c.state&(polling|receiving) != 0:
		if c.state&blind != 0 && c.Flags&socket.WantIn != 0 {
			c.end()
		}
	case c.Flags&socket.WantIn == 0:
		if c.state&deaf == 0 {
			c.armErrors()
		}
	case c.state&small != 0 && c.state&hungUp == 0 && c.Flags&socket.Draining == 0:
		c.armReceive()
	default:
		c.armPoll()
	}
}

// armErrors polls for what is reported whatever one asks for: errors and hang-ups, and the end of the peer's stream, behind which a
// reset may still come. So it goes on.
func (c *conn) armErrors() {
	c.state |= polling | blind
	c.arm(opPollAdd, evPoll).len = pollMultishot
}

// list has the connection served in the next turn.
func (c *conn) list() {
	if c.state&(listed|gone) == 0 {
		c.state |= listed
		p := c.poller()
		p.ready = append(p.ready, c)
	}
}

// serve handles a completion.
func (c *conn) serve(e event, q cqe) {
	if q.flags&cqeMore == 0 {
		c.requests--
	}
	switch e {
	case evPoll:
		c.poller().busy = true
		c.polled(q)
	case evReceive:
		c.poller().busy = true
		c.received(q)
	case evOut:
		c.room(q)
	case evSend:
		c.state &^= sends
		if c.state&gone == 0 {
			c.state |= answered
			c.sent = q.res
			c.Ready()
		}
	case evCancel:
		if q.res == -int32(unix.EALREADY) { // it could not be stopped just now
			c.state &^= ending
		}
	case evClose:
		c.Gone()
	}
	if c.requests == 0 && c.state&gone != 0 {
		c.free()
	}
}

// free gives the slot up: no completion will have its number.
func (c *conn) free() { c.poller().slots.remove(c.slot) }

// polled handles the completion of a poll for input.
func (c *conn) polled(q cqe) {
	errors := c.state&blind != 0
	if q.flags&cqeMore == 0 {
		c.state &^= polling | ending | blind
	}
	notice := false // the error is perhaps none, but a notice, which an event before this one may have taken
	if q.res > 0 && q.res&unix.POLLERR != 0 && c.Flags&socket.ZeroCopying != 0 && c.state&gone == 0 {
		c.Notified()
		notice = true
	}
	switch {
	case c.state&gone != 0:
		return
	case q.res >= 0 && errors:
		if told := q.res&unix.POLLERR != 0 && (c.Failed() || notice); !told && q.flags&cqeMore == 0 {
			c.state |= deaf
		}
	case q.res >= 0:
		c.state |= unread
		if q.res&(unix.POLLRDHUP|unix.POLLHUP) != 0 || q.res&unix.POLLERR != 0 && !notice {
			c.state |= hungUp
		}
		switch {
		case c.Flags&socket.WantIn == 0:
			c.unwanted(q.res)
		case c.late != nil: // it comes first
			c.list()
		default:
			c.read()
		}
	case q.res != -int32(unix.ECANCELED):
		c.Fail(channel.NewOpError("poll", unix.Errno(-q.res)))
	}
	c.rearm()
}

// unwanted handles an event of a connection that is not read from: the next one is not waited for, since a peer that goes on sending
// would wake the loop with each piece.
func (c *conn) unwanted(events int32) {
	if events&unix.POLLERR != 0 && c.Failed() {
		return
	}
	c.end()
}

// again serves a connection of the list.
func (c *conn) again() {
	c.state &^= listed
	if c.state&gone != 0 || c.Flags&socket.WantIn == 0 {
		return
	}
	switch {
	case c.late != nil:
		if c.deliverLate(); c.late == nil && c.state&unread != 0 {
			c.list()
		}
	case c.Flags&socket.InRing != 0: // it receives now what was left unread
		c.state &^= unread
	case c.state&unread != 0:
		c.read()
	}
	c.rearm()
}

// read takes a piece of input by a call.
func (c *conn) read() {
	n, more := c.Readable()
	if c.state&gone != 0 || c.Ended() {
		return
	}
	if c.Flags&socket.WantIn == 0 {
		return // perhaps because nothing could be read: it stays unread
	}
	switch {
	case n <= 0 && !more: // nothing was there, not even an end
		c.state &^= unread | hungUp
	case more || c.state&hungUp != 0: // no event will tell of the rest, or of the end
		c.list()
	default:
		c.state &^= unread
	}
	c.learn(n, more)
}

// learn has a connection receive that has got small pieces only for a while.
func (c *conn) learn(n int, more bool) {
	if n <= 0 {
		return
	}
	if n > smallPiece || more {
		c.streak = 0
		return
	}
	if c.streak++; c.streak < c.need || c.state&hungUp != 0 || c.Flags&(socket.Draining|socket.PollOnly) != 0 {
		return
	}
	if p := c.poller(); p.pollOnly || !p.provide() {
		return
	}
	c.streak = 0
	c.state |= small
	c.end() // then rearm arms a receive
}

// poll has a connection poll that has received.
func (c *conn) poll() {
	if c.state&small != 0 {
		c.state &^= small
		c.need = min(2*c.need, maxStreak)
		c.end()
	}
}
