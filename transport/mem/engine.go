package mem

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// Engine is the in-process engine. The zero value is ready to use, on the network Default.
type Engine struct {
	// Network is what groups of the engine listen and dial on. Groups on one Network reach each other. Nil means Default.
	Network *Network
}

var _ engine.Engine = Engine{}

// String implements engine.Engine.
func (Engine) String() string { return "mem" }

// Capabilities implements engine.Engine.
func (Engine) Capabilities() engine.Capabilities {
	return engine.Capabilities{
		Networks:   append([]string(nil), networks...),
		ExactPause: true, Reset: true, HalfClose: true, Gathered: true,
	}
}

// maxLoops bounds the goroutines of a group.
const maxLoops = 1024

// Start implements engine.Engine.
func (e Engine) Start(c engine.Config) (engine.Group, error) {
	c = c.Prepare()
	if c.Loops > maxLoops {
		return nil, fmt.Errorf("mem: %d loops are more than the %d that a group may have", c.Loops, maxLoops)
	}
	g := &group{config: c, network: e.Network}
	if g.network == nil {
		g.network = Default
	}
	g.dialed.init()
	for range c.Loops {
		g.loops = append(g.loops, startLoop(g))
	}
	return g, nil
}

// group implements engine.Group.
type group struct {
	config  engine.Config
	network *Network
	loops   []*loop
	dialed  owner

	mu        sync.Mutex
	closed    bool
	listeners []*listener // that are not closed, in the order in which they were made
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
	for _, ln := range g.open() {
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

// open returns the listeners that are not closed, in the order in which they were made.
func (g *group) open() []*listener {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]*listener(nil), g.listeners...)
}

// Close implements engine.Group.
func (g *group) Close() error {
	g.mu.Lock()
	again := g.closed
	g.closed = true
	g.mu.Unlock()
	var errs []error
	if !again {
		for _, ln := range g.open() {
			errs = append(errs, ln.Close())
		}
	}
	for _, l := range g.loops {
		l.insist(func(err error) {
			if err == nil {
				l.stopping = true
			}
		})
	}
	for _, l := range g.loops {
		<-l.done
	}
	return errors.Join(errs...)
}

// Stats implements engine.Group. Nothing here calls the system: the counts are those of the calls that an engine on sockets
// would have made, of waiting, reading and writing.
func (g *group) Stats() engine.Stats {
	var sum engine.Stats
	for _, l := range g.loops {
		sum.Add(l.counts.shown())
	}
	return sum
}
