package gnet

import (
	"context"
	"iter"
	"slices"

	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// drain closes all connections of an owner.
func (g *engineGroup) drain(ctx context.Context, o *group.Owner) error {
	return group.DrainConns(ctx, "gnet", o, g.loops, (*running).connections, (*conn).drain)
}

// connections yields those of a loop.
func (l *running) connections() iter.Seq[*conn] { return slices.Values(l.all) }

// Owned implements group.Conn.
func (c *conn) Owned() *group.Owner {
	if c.gone() {
		return nil
	}
	return c.owner
}
