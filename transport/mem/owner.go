package mem

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/ropewalk/ropewalk/channel"
)

// owner counts the connections of a listener, or those that a group has dialed, and tells when they are gone.
type owner struct {
	conns    atomic.Int64
	draining atomic.Bool
	once     sync.Once
	empty    chan struct{} // closed when draining and the last connection is gone
	freed    func()        // called when a connection is gone
}

func (o *owner) init() { o.empty = make(chan struct{}) }

func (o *owner) gone() {
	o.conns.Add(-1)
	if o.freed != nil {
		o.freed()
	}
	o.tell()
}

// tell closes empty if it is time.
func (o *owner) tell() {
	if o.draining.Load() && o.conns.Load() == 0 {
		o.once.Do(func() { close(o.empty) })
	}
}

// drain closes all connections: in order, and those that are left when ctx ends at once.
func (o *owner) drain(ctx context.Context, g *group) error {
	o.draining.Store(true)
	o.tell()
	o.each(g, (*conn).drain)
	select {
	case <-o.empty:
	case <-ctx.Done():
	}
	if isClosed(o.empty) { // perhaps both at once
		return nil
	}
	left := o.conns.Load()
	o.each(g, func(c *conn) { c.Abort(channel.ErrShutdown) })
	<-o.empty
	return fmt.Errorf("mem: %d connections aborted while draining: %w", left, context.Cause(ctx))
}

// each calls f for all connections of the owner, on their loops.
func (o *owner) each(g *group, f func(*conn)) {
	for _, l := range g.loops {
		l.insist(func(err error) {
			if err == nil {
				l.each(o, 0, f)
			}
		})
	}
}

// each calls f for the connections of an owner from a slot on. If f panics, which closes that connection, the others follow
// in a later turn.
func (l *loop) each(o *owner, slot int, f func(*conn)) {
	defer func() {
		if slot < len(l.conns.slots) {
			l.insist(func(err error) {
				if err == nil {
					l.each(o, slot+1, f)
				}
			})
		}
	}()
	for ; slot < len(l.conns.slots); slot++ {
		if c := l.conns.slots[slot]; c != nil && c.owner == o {
			f(c)
		}
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
