package mem

import (
	"context"
	"iter"

	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// drain closes all connections of an owner.
func (g *engineGroup) drain(ctx context.Context, o *group.Owner) error {
	return group.DrainConns(ctx, "mem", o, g.loops, (*loop).all, (*conn).drain)
}

// all yields the connections of a loop.
func (l *loop) all() iter.Seq[*conn] {
	return func(yield func(*conn) bool) {
		for _, c := range l.conns.slots {
			if c != nil && !yield(c) {
				return
			}
		}
	}
}

// Owned implements group.Conn.
func (c *conn) Owned() *group.Owner {
	if c.slot < 0 {
		return nil
	}
	return c.owner
}

// drain closes the channel as soon as everything that has come is delivered. While reading is paused, because the peer does
// not take its replies or the application asked for it, that is not yet so; SetReading, and input that follows because a peer has
// waited for room to send it, come back here.
func (c *conn) drain() {
	const most = 16 // reads at a time
	c.flags |= draining
	for range most {
		switch {
		case c.slot < 0:
			return
		case c.Closing() || c.Ended():
			c.Drain()
			return
		case !c.Reading():
			return
		}
		switch k := c.link.look(int(c.me)); {
		case k.broken:
			c.output() // serve tells the channel
			return
		case k.have > 0 || k.ended:
			c.read()
		case k.more:
			return // it will go on
		default:
			c.Drain()
			return
		}
	}
	c.output()
}
