//go:build linux

package socket

import "time"

// drainQuiet is how long a connection that is still being heard must be silent until it counts as drained. Between two
// pieces of what a peer has sent its socket may be empty for a moment, while the window opens again.
const drainQuiet = 50 * time.Millisecond

// drain closes the channel as soon as everything that was received is delivered. While reading is paused, because the peer
// does not take its replies or the application asked for it, that is not yet so: SetReading and further input come
// back here.
func (c *Conn) drain() {
	const most = 16 // reads at a time
	c.Flags |= Draining
	for range most {
		switch {
		case c.Closing() || c.Ended():
			c.Drain()
			return
		case !c.Reading():
			c.Flags |= heard
			return
		case c.Flags&InRing != 0:
			c.Flags |= heard
			c.loop().Poller.Want(c) // which calls Heard when nothing is left there
			return
		}
		if n, errno := peek(int(c.FD)); n <= 0 || errno != 0 {
			c.drained()
			return
		}
		c.Flags |= heard
		c.read()
	}
	c.drained() // if that was all, no event will tell
}

// drained closes the channel unless there was input a moment ago.
func (c *Conn) drained() {
	switch {
	case c.Flags&looking != 0:
	case c.Flags&heard == 0:
		c.Drain()
	default:
		c.Flags = c.Flags&^heard | looking
		c.after(drainQuiet, func() {
			c.Flags &^= looking
			c.drain()
		})
	}
}
