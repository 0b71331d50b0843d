//go:build linux

package socket

import (
	"context"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// drain closes all connections of an owner.
func (g *Group) drain(ctx context.Context, o *group.Owner) error {
	return o.Drain(ctx, g.kind.Name,
		func() { g.each(o, (*Conn).drain) },
		func() { g.each(o, func(c *Conn) { c.Abort(channel.ErrShutdown) }) })
}

// each calls f for all connections of the owner, on their loops.
func (g *Group) each(o *group.Owner, f func(*Conn)) {
	for _, l := range g.loops {
		l.Insist(func(err error) {
			if err == nil {
				l.each(o, f)
			}
		})
	}
}

// each calls f for the connections of an owner.
func (l *Loop) each(o *group.Owner, f func(*Conn)) {
	var these []*Conn
	for c, key := l.Poller.Next(0); c != nil; c, key = l.Poller.Next(key + 1) {
		if c.owner == o {
			these = append(these, c)
		}
	}
	group.Each(these, func(c *Conn) {
		if c.FD >= 0 {
			f(c)
		}
	}, l.Insist)
}
