package gnet

import "time"

// drainQuiet is how long a connection that is still being heard must be silent until it counts as drained.
const drainQuiet = 50 * time.Millisecond

// drain closes the channel as soon as everything that was received is delivered. While reading is paused, because the peer
// does not take its replies or the application asked for it, that is not yet so: when it goes on, loop.attend and loop.traffic
// come back here.
func (c *conn) drain() {
	c.flags |= draining
	switch {
	case c.Closing() || c.Ended():
		c.Drain()
	case !c.Reading():
		c.flags |= heard
	case c.buffered() > 0 || c.flags&joining != 0 || c.socketHas(1): // it comes when gnet reads
		c.flags |= heard
		c.look()
	case c.flags&heard == 0:
		c.Drain()
	default:
		c.look()
	}
}

// look has the connection looked at again after a while, and closed if no input came meanwhile.
func (c *conn) look() {
	if c.flags&looking != 0 {
		return
	}
	c.flags = c.flags&^heard | looking
	c.after(drainQuiet, func() {
		c.flags &^= looking
		c.drain()
	})
}
