package std

import (
	"context"
	"iter"
	"slices"

	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// drain closes all connections of an owner.
func (g *engineGroup) drain(ctx context.Context, o *group.Owner) error {
	return group.DrainConns(ctx, "std", o, g.loops, (*loop).all, (*conn).drain)
}

// all yields the connections of a loop.
func (l *loop) all() iter.Seq[*conn] { return slices.Values(l.conns) }

// Owned implements group.Conn.
func (c *conn) Owned() *group.Owner {
	if c.flags&gone != 0 {
		return nil
	}
	return c.owner
}
