package gnet

import (
	"context"
	"errors"
	"sync"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// engineGroup implements engine.Group.
type engineGroup struct {
	config engine.Config
	loops  group.Loops[*running]
	dialed group.Owner

	listeners group.Listeners[*listener]

	mu       sync.Mutex
	closed   bool           // connections may not enter any more: set when the listeners, which accept while they close, have
	entering sync.WaitGroup // connections on their way into a loop: gnet must not stop before they are there
}

var _ engine.Group = (*engineGroup)(nil)

// Loops implements engine.Group.
func (g *engineGroup) Loops() []*channel.Loop { return g.loops.Bases() }

// leastLoaded returns the loop with the fewest connections, among which it counts another one.
func (g *engineGroup) leastLoaded() *running {
	g.mu.Lock()
	defer g.mu.Unlock()
	best := g.loops.LeastLoaded()
	best.conns.Add(1)
	return best
}

// begin tells whether the group is open. If it is, it stays so until entering.Done.
func (g *engineGroup) begin() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.entering.Add(1)
	}
	return !g.closed
}

// Drain implements engine.Group.
func (g *engineGroup) Drain(ctx context.Context) error {
	return g.listeners.Drain(ctx, func(ctx context.Context) error { return g.drain(ctx, &g.dialed) })
}

// Close implements engine.Group. Order matters: gnet can only be stopped when nobody is waiting for its loops.
func (g *engineGroup) Close() error {
	first, err := g.listeners.Close() // these still accept what is complete
	if first {
		g.mu.Lock()
		g.closed = true
		g.mu.Unlock()
		g.loops.Each(func(l *running) { l.stopping = true })
	}
	for _, l := range g.loops {
		<-l.done
	}
	g.entering.Wait()
	errs := []error{err}
	for _, l := range g.loops {
		errs = append(errs, l.end())
	}
	return errors.Join(errs...)
}
