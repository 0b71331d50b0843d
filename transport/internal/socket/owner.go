//go:build linux

package socket

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
func (o *owner) drain(ctx context.Context, g *Group) error {
	o.draining.Store(true)
	o.tell()
	o.each(g, (*Conn).drain)
	select {
	case <-o.empty:
	case <-ctx.Done():
	}
	select {
	case <-o.empty: // perhaps both at once
		return nil
	default:
	}
	left := o.conns.Load()
	o.each(g, func(c *Conn) { c.Abort(channel.ErrShutdown) })
	<-o.empty
	return fmt.Errorf("%s: %d connections aborted while draining: %w", g.kind.Name, left, context.Cause(ctx))
}

// each calls f for all connections of the owner, on their loops.
func (o *owner) each(g *Group, f func(*Conn)) {
	for _, l := range g.loops {
		l.Insist(func(err error) {
			if err == nil {
				l.each(o, 0, f)
			}
		})
	}
}

// each calls f for the connections of an owner from a key on. If f panics, which closes that connection, the
// others follow in a later turn.
func (l *Loop) each(o *owner, from int, f func(*Conn)) {
	c, key := l.Poller.Next(from)
	defer func() {
		if c != nil {
			l.Insist(func(err error) {
				if err == nil {
					l.each(o, key+1, f)
				}
			})
		}
	}()
	for ; c != nil; c, key = l.Poller.Next(key + 1) {
		if c.owner == o {
			f(c)
		}
	}
}
