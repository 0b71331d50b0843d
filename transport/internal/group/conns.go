package group

import (
	"context"
	"iter"

	"github.com/ropewalk/ropewalk/channel"
)

// A Conn is an engine's connection.
type Conn interface {
	// Owned returns the owner of the connection, nil when it is gone.
	Owned() *Owner
	// Abort is that of its channel.
	Abort(error)
}

// On calls f for those of the connections that o owns, by Each. It runs on their loop.
func On[C Conn](l *channel.Loop, o *Owner, conns iter.Seq[C], f func(C)) {
	var these []C
	for c := range conns {
		if c.Owned() == o {
			these = append(these, c)
		}
	}
	Each(these, func(c C) {
		if c.Owned() == o { // still
			f(c)
		}
	}, func(g func(error)) { Insist(l, g) })
}

// DrainConns is Owner.Drain for connections on loops: conns yields those of a loop, on it, and drain begins to close one in order. Those
// that are left are aborted with ErrShutdown.
func DrainConns[L Loop, C Conn](ctx context.Context, engine string, o *Owner, loops Loops[L], conns func(L) iter.Seq[C], drain func(C)) error {
	all := func(f func(C)) func() {
		return func() { loops.Each(func(l L) { On(l.Base(), o, conns(l), f) }) }
	}
	return o.Drain(ctx, engine, all(drain), all(func(c C) { c.Abort(channel.ErrShutdown) }))
}
