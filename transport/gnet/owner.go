package gnet

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
	select {
	case <-o.empty: // perhaps both at once
		return nil
	default:
	}
	left := o.conns.Load()
	o.each(g, func(c *conn) { c.Abort(channel.ErrShutdown) })
	<-o.empty
	return fmt.Errorf("gnet: %d connections aborted while draining: %w", left, context.Cause(ctx))
}

// each calls f for all connections of the owner, on their loops.
func (o *owner) each(g *group, f func(*conn)) {
	for _, l := range g.loops {
		l.insist(func(err error) {
			if err == nil {
				l.each(append([]*conn(nil), l.all...), o, f)
			}
		})
	}
}

// each calls f for those of some connections that have an owner. If f panics, which closes that connection, the others follow in
// a later turn.
func (l *loop) each(these []*conn, o *owner, f func(*conn)) {
	at := 0
	defer func() {
		if at < len(these) {
			rest := these[at+1:]
			l.insist(func(err error) {
				if err == nil {
					l.each(rest, o, f)
				}
			})
		}
	}()
	for ; at < len(these); at++ {
		if c := these[at]; c.owner == o && !c.gone() {
			f(c)
		}
	}
}
