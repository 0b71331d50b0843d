package std

import (
	"context"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// engineGroup implements engine.Group.
type engineGroup struct {
	engine Engine
	config engine.Config
	loops  group.Loops[*loop]
	dialed group.Owner

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
		g.loops.Each(func(l *loop) { // not before: what a listener that closes still accepts needs them
			l.stopping = true
			l.wake() // also when this is run by somebody else than the keeper
		})
	}
	for _, l := range g.loops {
		<-l.done
	}
	return err
}
