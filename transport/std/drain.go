package std

import (
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

// drainQuiet is how long a connection that is still being heard must be silent until it counts as drained.
const drainQuiet = 50 * time.Millisecond

// drain closes the channel as soon as everything that was received is delivered. While reading is paused, because the peer
// does not take its replies or the application asked for it, that is not yet so: SetReading and further input come
// back here.
func (c *conn) drain() {
	const most = 16 // pieces at a time
	if c.flags&draining == 0 {
		c.flags |= draining
		if !c.mover.exact() { // what has come may not have been read yet, and nobody can look
			c.flags |= heard
		}
	}
	for range most {
		switch {
		case c.Closing() || c.Ended():
			c.Drain()
			return
		case !c.Reading():
			c.flags |= heard
			return
		}
		if c.mover.silent() {
			c.drained()
			return
		}
		c.flags |= heard
		c.mover.take()
	}
	c.drained() // if that was all, no event will tell
}

// drained closes the channel unless there was input a moment ago.
func (c *conn) drained() {
	switch {
	case c.flags&looking != 0:
	case c.flags&heard == 0:
		c.Drain()
	default:
		c.flags = c.flags&^heard | looking
		c.after(drainQuiet, func() {
			c.flags &^= looking
			c.drain()
		})
	}
}

// after calls f once, after d, unless the channel is gone by then.
func (c *conn) after(d time.Duration, f func()) {
	var t *channel.Timer
	t = c.AfterFunc(d, func() {
		t.Stop() // or it would count among the channel's timers for ever
		f()
	})
}
