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
	loops   []*loop
	dialed  group.Owner

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
				}
			})
		}
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
