package std

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
	aborting atomic.Bool // what is not open yet shall not be
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
	o.aborting.Store(true)
	o.each(g, func(c *conn) { c.Abort(channel.ErrShutdown) })
	<-o.empty
	return fmt.Errorf("std: %d connections aborted while draining: %w", left, context.Cause(ctx))
}

// each calls f for all open connections of the owner, on their loops.
func (o *owner) each(g *group, f func(*conn)) {
	for _, l := range g.loops {
		l.insist(func(err error) {
			if err != nil {
				return
			}
			var all []*conn
			for _, c := range l.conns {
				if c.owner == o {
					all = append(all, c)
				}
			}
			l.each(all, f)
		})
	}
}

// each calls f for connections that were open a moment ago. If f panics, which closes that connection, the others follow
// in a later turn.
func (l *loop) each(all []*conn, f func(*conn)) {
	i := 0
	defer func() {
		if i < len(all) {
			rest := all[i+1:]
			l.insist(func(err error) {
				if err == nil {
					l.each(rest, f)
				}
			})
		}
	}()
	for ; i < len(all); i++ {
		if c := all[i]; c.flags&gone == 0 {
			f(c)
		}
	}
}
