package mem

import (
	"context"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// engineGroup implements engine.Group.
type engineGroup struct {
	config  engine.Config
	network *Network
	loops   group.Loops[*loop]
	dialed  group.Owner

	listeners group.Listeners[*listener]
}

var _ engine.Group = (*engineGroup)(nil)

// Loops implements engine.Group.
func (g *engineGroup) Loops() []*channel.Loop { return g.loops.Bases() }

// Drain implements engine.Group.
func (g *engineGroup) Drain(ctx context.Context) error {
	return g.listeners.Drain(ctx, func(ctx context.Context) error { return g.drain(ctx, &g.dialed) })
}

// Close implements engine.Group.
func (g *engineGroup) Close() error {
	first, err := g.listeners.Close()
	if first {
		g.loops.Each(func(l *loop) { l.stopping = true }) // not before: what a listener that closes still accepts needs them
	}
	for _, l := range g.loops {
		<-l.done
	}
	return err
}

// Stats implements engine.Group. Nothing here calls the system: the counts are those of the calls that an engine on sockets
// would have made, of waiting, reading and writing.
func (g *engineGroup) Stats() engine.Stats {
	var sum engine.Stats
	for _, l := range g.loops {
		sum.Add(l.counts.shown())
	}
	return sum
}
