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
	loops  []*loop
	dialed group.Owner

	listeners group.Listeners[*listener]
}

var _ engine.Group = (*engineGroup)(nil)

// Loops implements engine.Group.
func (g *engineGroup) Loops() []*channel.Loop {
	var loops []*channel.Loop
	for _, l := range g.loops {
		loops = append(loops, l.Loop)
	}
	return loops
}

// leastLoaded returns the loop with the fewest connections.
func (g *engineGroup) leastLoaded() *loop {
	best := g.loops[0]
	for _, l := range g.loops[1:] {
		if l.load.Load() < best.load.Load() {
			best = l
		}
	}
	return best
}

// Drain implements engine.Group.
func (g *engineGroup) Drain(ctx context.Context) error {
	return g.listeners.Drain(ctx, func(ctx context.Context) error { return g.drain(ctx, &g.dialed) })
}

// Close implements engine.Group.
func (g *engineGroup) Close() error {
	first, err := g.listeners.Close()
	if first {
		for _, l := range g.loops { // not before: what a listener that closes still accepts needs them
			l.insist(func(err error) {
				if err == nil {
					l.stopping = true
					l.wake() // also when this is run by somebody else than the keeper
				}
			})
		}
	}
	for _, l := range g.loops {
		<-l.done
	}
	return err
}
