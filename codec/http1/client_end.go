package http1

import (
	"fmt"
	"io"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
)

// EOF ends a body that has no other end.
func (c *client) EOF() error {
	c.state |= ended
	if err := c.run(); err != nil {
		return err
	}
	if c.Channel().Halted() && (c.rest != nil || c.body.state != bodyDone) {
		c.Channel().KeepOpen() // what was received is still to be delivered
		return nil
	}
	return c.atEnd()
}

// atEnd closes a connection whose server has ended its stream.
func (c *client) atEnd() error {
	ch := c.Channel()
	if c.state&ended == 0 || ch.Closing() || ch.Halted() {
		return nil
	}
	if x := c.first; x != nil {
		if c.state&begun != 0 && c.body.state == bodyRest && c.rest == nil {
			c.body.state = bodyDone
			return c.bodyEnded(x, nil)
		}
		return c.unanswered()
	}
	ch.Close(nil)
	return nil
}

// unanswered is the cause of a connection that ends now: not nil if responses are due.
func (c *client) unanswered() error {
	if c.pending == 0 {
		return nil
	}
	return fmt.Errorf("http1: connection ended and %d responses did not come: %w", c.pending, io.ErrUnexpectedEOF)
}

// await sets the clock for the response that is due next, or more of its body, or for the request if that is not out yet.
func (c *client) await(now time.Duration) {
	switch {
	case c.first.sent != nil:
		c.clock.set(now, c.conf.Send)
	case c.state&begun != 0:
		c.clock.set(now, c.conf.Timeouts.Body)
	default:
		c.clock.set(now, c.conf.FirstByte)
	}
}

// stalled tells whether the server has taken nothing of the request since the last time, although there is something.
func (c *client) stalled() bool {
	unsent := c.Channel().Unsent()
	taken := c.first.out.given - unsent
	was := c.taken
	c.taken = taken
	return unsent > 0 && taken == was
}

// Expired closes a connection whose server takes too long.
func (c *client) Expired() {
	if !c.clock.passed(c.Channel().Loop().Now()) {
		return
	}
	what := "response does not come"
	switch {
	case c.first != nil && c.first.sent != nil:
		if !c.stalled() {
			c.await(c.Channel().Loop().Now())
			return
		}
		what = "server does not take the request"
	case c.state&begun != 0:
		what = "body of a response does not come"
	}
	c.state |= over
	c.Channel().Close(fmt.Errorf("http1: %s: %w", what, ErrTimeout))
}

// Leftover gives the input that was not used to the stages that replace this one.
func (c *client) Leftover() *buffer.Buf { return c.leftover() }

// Closed releases what the connection has.
func (c *client) Closed(error) {
	c.clock.end()
	if c.patience != nil {
		c.patience.Stop()
	}
	c.drop()
	for x := c.first; x != nil; x = x.next {
		if x.sent != nil {
			x.sent.release()
		}
		x.release()
	}
	c.first, c.last, c.unsent = nil, nil, nil
}
