package gnet

import (
	"errors"
	"io"
	"os"

	gnetv2 "github.com/panjf2000/gnet/v2"

	"github.com/ropewalk/ropewalk/channel"
)

// traffic serves an event with input.
func (l *loop) traffic(c *conn) {
	defer l.Recover()
	l.Tick()
	l.calls.Reads++
	c.deliver()
	if c.flags&draining != 0 && !c.gone() {
		c.flags |= heard
		c.drain()
	}
	l.Turn()
}

// deliver passes on the input that is there, as long as it is wanted. Too much of what is left makes the connection leave gnet.
func (c *conn) deliver() {
	for c.Reading() && !c.gone() {
		if c.buffered() == 0 {
			if c.flags&ended != 0 && !c.Ended() {
				c.ReceivedEOF()
			}
			return
		}
		room := c.RoomFor(c.buffered())
		if room == nil {
			break
		}
		c.Input(c.take(room))
	}
	if c.gc != nil && !c.Ended() && c.buffered() > c.loop().readAhead {
		c.leave()
	}
}

// take moves input to p, and returns how much.
func (c *conn) take(p []byte) int {
	n := 0
	if len(c.held) > 0 {
		n = copy(p, c.held)
		if c.held = c.held[n:]; len(c.held) == 0 {
			c.held = nil
		}
	}
	if n < len(p) && c.gc != nil {
		m, _ := c.gc.Read(p[n:]) // fails if there is nothing
		n += m
	}
	return n
}

// hold takes all input out of gnet's hands.
func (c *conn) hold() {
	if n := c.buffered(); n > len(c.held) {
		all := make([]byte, n)
		c.take(all)
		c.held = all
	}
}

// lost serves a connection that gnet closes after this call, because of err: the end of the peer's stream, a failure, or, if it is
// nil, because gnet stops.
func (l *loop) lost(c *conn, err error) {
	defer l.Recover()
	l.Tick()
	if errors.Is(err, io.EOF) {
		err = c.socketError() // gnet reports some failures like that
		c.flags |= ended
	} else if err == nil {
		err = channel.ErrShutdown
	}
	c.deliver() // what had come before
	switch {
	case c.gone():
	case err == channel.ErrShutdown:
		c.Abort(err)
	case err != nil:
		c.Fail(channel.NewOpError("read", cause(err)))
	case c.flags&draining != 0:
		c.drain()
	}
	l.Turn()
}

// cause returns the system's error in one of gnet.
func cause(err error) error {
	if call, ok := errors.AsType[*os.SyscallError](err); ok {
		return call.Err
	}
	return err
}

// answer ends a call of gnet for a connection: if it is gnet's no more, gnet shall close its descriptor.
func (c *conn) answer(gc gnetv2.Conn) gnetv2.Action {
	c.flags &^= called
	if c.gc != gc {
		return gnetv2.Close
	}
	return gnetv2.None
}
