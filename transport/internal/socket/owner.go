//go:build linux

package socket

import (
	"context"
	"iter"

	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// drain closes all connections of an owner.
func (g *Group) drain(ctx context.Context, o *group.Owner) error {
	return group.DrainConns(ctx, g.kind.Name, o, g.loops, (*Loop).all, (*Conn).drain)
}

// all yields the connections of the loop.
func (l *Loop) all() iter.Seq[*Conn] {
	return func(yield func(*Conn) bool) {
		for c, key := l.Poller.Next(0); c != nil; c, key = l.Poller.Next(key + 1) {
			if !yield(c) {
				return
			}
		}
	}
}

// Owned implements group.Conn.
func (c *Conn) Owned() *group.Owner {
	if c.FD < 0 {
		return nil
	}
	return c.owner
}
