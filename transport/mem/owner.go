package mem

import (
	"context"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// drain closes all connections of an owner.
func (g *engineGroup) drain(ctx context.Context, o *group.Owner) error {
	return o.Drain(ctx, "mem",
		func() { g.each(o, (*conn).drain) },
		func() { g.each(o, func(c *conn) { c.Abort(channel.ErrShutdown) }) })
}

// each calls f for all connections of the owner, on their loops.
func (g *engineGroup) each(o *group.Owner, f func(*conn)) {
	for _, l := range g.loops {
		l.insist(func(err error) {
			if err != nil {
				return
			}
			var these []*conn
			for _, c := range l.conns.slots {
				if c != nil && c.owner == o {
					these = append(these, c)
				}
			}
			group.Each(these, func(c *conn) {
				if c.slot >= 0 {
					f(c)
				}
			}, l.insist)
		})
	}
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
