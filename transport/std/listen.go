package std

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// listener implements engine.Listener. A goroutine of its own accepts for all loops.
type listener struct {
	owner  group.Owner // of the connections
	config engine.ListenConfig
	group  *engineGroup
	ln     net.Listener
	room   chan struct{} // wakes the goroutine when a connection is gone
	stop   chan struct{} // closed when it is to end
	ended  chan struct{} // closed when it has ended
	once   sync.Once
}

// Listen implements engine.Group. With ReusePort there is one socket all the same: a loop is a lock here, and one goroutine
// accepts for all of them.
func (g *engineGroup) Listen(ctx context.Context, c engine.ListenConfig) (engine.Listener, error) {
	ln := &listener{config: c, group: g, room: make(chan struct{}, 1), stop: make(chan struct{}), ended: make(chan struct{})}
	ln.owner.Init()
	ln.owner.Freed = ln.freeRoom
	err := check(c.Socket, g.engine.Capabilities())
	if err == nil {
		ln.ln, err = g.listen(ctx, c)
	}
	if err != nil {
		return nil, group.OpError("std", "listen", c.Network, c.Addr, err)
	}
	if !g.listeners.Add(ln) {
		return nil, errors.Join(group.OpError("std", "listen", c.Network, c.Addr, net.ErrClosed), ln.ln.Close())
	}
	go ln.accept()
	return ln, nil
}

// listen makes the listener of a configuration.
func (g *engineGroup) listen(ctx context.Context, c engine.ListenConfig) (net.Listener, error) {
	if f := g.engine.Listen; f != nil {
		ln, err := f(ctx, c.Network, c.Addr)
		if err == nil && ln == nil {
			err = errors.New("Engine.Listen returned no listener")
		}
		return ln, err
	}
	lc := net.ListenConfig{Control: control(c.Socket), KeepAliveConfig: keepAlive(c.Socket), KeepAlive: -1}
	lc.SetMultipathTCP(false)
	return lc.Listen(ctx, c.Network, c.Addr)
}

// Addr implements engine.Listener.
func (ln *listener) Addr() net.Addr { return ln.ln.Addr() }

// Conns implements engine.Listener.
func (ln *listener) Conns() int { return int(ln.owner.Conns.Load()) }

// Close implements engine.Listener. Connections that the system had completed are accepted first, where it tells of them.
func (ln *listener) Close() (err error) {
	ln.once.Do(func() {
		close(ln.stop)
		if d, ok := ln.ln.(deadliner); ok && canPeekAccept {
			d.SetDeadline(time.Unix(1, 0)) // ends Accept
		} else {
			err = ln.ln.Close()
		}
		<-ln.ended
		if cerr := ln.ln.Close(); !errors.Is(cerr, net.ErrClosed) && err == nil {
			err = cerr
		}
		ln.group.listeners.Remove(ln)
	})
	return err
}

// A deadliner is a listener that can be told to stop waiting.
type deadliner interface{ SetDeadline(time.Time) error }

// Drain implements engine.Listener.
func (ln *listener) Drain(ctx context.Context) error {
	return errors.Join(ln.Close(), ln.group.drain(ctx, &ln.owner))
}
