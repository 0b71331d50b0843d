package gnet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// group implements engine.Group.
type group struct {
	config engine.Config
	loops  []*running
	dialed owner

	mu        sync.Mutex
	closed    bool
	entering  sync.WaitGroup // connections on their way into a loop: gnet must not stop before they are there
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

// leastLoaded returns the loop with the fewest connections, among which it counts another one.
func (g *group) leastLoaded() *running {
	g.mu.Lock()
	defer g.mu.Unlock()
	best := g.loops[0]
	for _, l := range g.loops[1:] {
		if l.conns.Load() < best.conns.Load() {
			best = l
		}
	}
	best.conns.Add(1)
	return best
}

// begin tells whether the group is open. If it is, it stays so until entering.Done.
func (g *group) begin() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.entering.Add(1)
	}
	return !g.closed
}

// Drain implements engine.Group.
func (g *group) Drain(ctx context.Context) error {
	drains := []func(context.Context) error{func(ctx context.Context) error { return g.dialed.drain(ctx, g) }}
	for _, ln := range g.openListeners() {
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

func (g *group) openListeners() []*listener {
	g.mu.Lock()
	defer g.mu.Unlock()
	var all []*listener
	for ln := range g.listeners {
		all = append(all, ln)
	}
	return all
}

// Close implements engine.Group. Order matters: gnet can only be stopped when nobody is waiting for its loops.
func (g *group) Close() error {
	var errs []error
	for _, ln := range g.openListeners() { // these still accept what is complete
		errs = append(errs, ln.Close())
	}
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
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
	g.entering.Wait()
	for _, l := range g.loops {
		errs = append(errs, l.end())
	}
	return errors.Join(errs...)
}

func opError(op, network, addr string, err error) error {
	if _, ok := errors.AsType[*net.OpError](err); ok { // says all of that itself
		return fmt.Errorf("gnet: %w", err)
	}
	return fmt.Errorf("gnet: %s %s %s: %w", op, network, addr, err)
}
