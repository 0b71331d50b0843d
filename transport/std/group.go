package std

import (
	"context"
	"errors"
	"sync"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// group implements engine.Group.
type group struct {
	engine Engine
	config engine.Config
	loops  []*loop
	dialed owner

	mu        sync.Mutex
	closed    bool
	listeners map[*listener]struct{}
}

var _ engine.Group = (*group)(nil)

// Loops implements engine.Group.
func (g *group) Loops() []*channel.Loop {
	var loops []*channel.Loop
	for _, l := range g.loops {
		loops = append(loops, l.Loop)
	}
	return loops
}

// leastLoaded returns the loop with the fewest connections.
func (g *group) leastLoaded() *loop {
	best := g.loops[0]
	for _, l := range g.loops[1:] {
		if l.load.Load() < best.load.Load() {
			best = l
		}
	}
	return best
}

// Drain implements engine.Group.
func (g *group) Drain(ctx context.Context) error {
	drains := []func(context.Context) error{func(ctx context.Context) error { return g.dialed.drain(ctx, g) }}
	for _, ln := range g.takeListeners() {
		drains = append(drains, ln.Drain)
	}
	errs := make([]error, len(drains))
	var wg sync.WaitGroup
	for i, drain := range drains { // all at once: they have the same time
		wg.Go(func() { errs[i] = drain(ctx) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (g *group) takeListeners() []*listener {
	g.mu.Lock()
	defer g.mu.Unlock()
	var all []*listener
	for ln := range g.listeners {
		all = append(all, ln)
	}
	return all
}

// Close implements engine.Group.
func (g *group) Close() error {
	g.mu.Lock()
	again := g.closed
	g.closed = true
	g.mu.Unlock()
	var errs []error
	if !again {
		for _, ln := range g.takeListeners() {
			errs = append(errs, ln.Close())
		}
	}
	for _, l := range g.loops {
		l.insist(func(err error) {
			if err == nil {
				l.stopping = true
				l.wake() // also when this is run by somebody else than the keeper
			}
		})
	}
	for _, l := range g.loops {
		<-l.done
	}
	return errors.Join(errs...)
}
