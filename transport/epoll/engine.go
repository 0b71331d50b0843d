//go:build linux

package epoll

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// Engine is the epoll engine. The zero value is ready to use.
type Engine struct{}

var _ engine.Engine = Engine{}

// String implements engine.Engine.
func (Engine) String() string { return "epoll" }

// maxLoops bounds the threads of a group.
const maxLoops = 1024

// Start implements engine.Engine.
func (Engine) Start(c engine.Config) (engine.Group, error) {
	c = c.Prepare()
	if c.Loops > maxLoops {
		return nil, fmt.Errorf("epoll: %d loops are more than the %d that a group may have", c.Loops, maxLoops)
	}
	g := &group{config: c, fetch: newFetcher()}
	g.dialed.init()
	for i := range c.Loops {
		l, err := startLoop(g, i)
		if err != nil {
			return nil, errors.Join(err, g.Close())
		}
		g.loops = append(g.loops, l)
	}
	return g, nil
}

// group implements engine.Group.
type group struct {
	config engine.Config
	loops  []*loop
	fetch  *fetcher
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
		if l.conns.Load() < best.conns.Load() {
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
			}
		})
	}
	for _, l := range g.loops {
		<-l.done
	}
	g.fetch.close()
	return errors.Join(errs...)
}

func opError(op, network, addr string, err error) error {
	if _, ok := errors.AsType[*net.OpError](err); ok { // says all of that itself
		return fmt.Errorf("epoll: %w", err)
	}
	return fmt.Errorf("epoll: %s %s %s: %w", op, network, addr, err)
}
