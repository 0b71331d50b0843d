package gnet

import (
	"context"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// drain closes all connections of an owner.
func (g *engineGroup) drain(ctx context.Context, o *group.Owner) error {
	return o.Drain(ctx, "gnet",
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
			for _, c := range l.all {
				if c.owner == o {
					these = append(these, c)
				}
			}
			group.Each(these, func(c *conn) {
				if !c.gone() {
					f(c)
				}
			}, l.insist)
		})
	}
}
