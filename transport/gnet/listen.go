package gnet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"

	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// listener implements engine.Listener. It has one socket, or one for every loop.
type listener struct {
	owner   group.Owner // of the connections
	config  engine.ListenConfig
	group   *engineGroup
	sockets []*acceptor

	full    atomic.Bool // somebody may wait for room
	mu      sync.Mutex
	room    *sync.Cond // a connection is gone, or the listener is closed
	closed  bool
	closing chan struct{} // closed when it is
}

// Listen implements engine.Group.
func (g *engineGroup) Listen(ctx context.Context, c engine.ListenConfig) (engine.Listener, error) {
	ln, err := g.listen(ctx, c)
	if err != nil {
		return nil, group.OpError("gnet", "listen", c.Network, c.Addr, err)
	}
	return ln, nil
}

func (g *engineGroup) listen(ctx context.Context, c engine.ListenConfig) (engine.Listener, error) {
	switch c.Network {
	case "tcp", "tcp4", "tcp6", "unix":
	default:
		return nil, net.UnknownNetworkError(c.Network)
	}
	if err := c.Socket.Check(capabilities); err != nil {
		return nil, err
	}
	if c.Steer {
		return nil, fmt.Errorf("ListenConfig.Steer: %w", engine.ErrUnsupported)
	}
	ln := &listener{config: c, group: g, closing: make(chan struct{})}
	ln.owner.Init()
	ln.room = sync.NewCond(&ln.mu)
	ln.owner.Freed = ln.wakeAcceptors
	loops := []*running{nil} // the one with the fewest connections
	reuse := c.ReusePort && c.Network != "unix" && capabilities.ReusePort
	if reuse {
		loops = g.loops
	}
	lc := net.ListenConfig{KeepAlive: -1, Control: control(c.Socket, true, reuse)}
	lc.SetMultipathTCP(false)
	addr := c.Addr
	for _, l := range loops {
		nl, err := lc.Listen(ctx, c.Network, addr)
		if err != nil {
			return nil, errors.Join(err, ln.discard())
		}
		addr = nl.Addr().String() // port 0 is the same port for all
		ln.sockets = append(ln.sockets, &acceptor{listener: ln, ln: nl, loop: l, done: make(chan struct{})})
	}
	if !g.listeners.Add(ln) {
		return nil, errors.Join(net.ErrClosed, ln.discard())
	}
	for _, a := range ln.sockets {
		go a.run()
	}
	return ln, nil
}

// discard closes the sockets of a listener that does not accept.
func (ln *listener) discard() error {
	var errs []error
	for _, a := range ln.sockets {
		errs = append(errs, a.ln.Close())
	}
	return errors.Join(errs...)
}

// Addr implements engine.Listener.
func (ln *listener) Addr() net.Addr { return ln.sockets[0].ln.Addr() }

// Conns implements engine.Listener.
func (ln *listener) Conns() int { return int(ln.owner.Conns.Load()) }

// Close implements engine.Listener. Connections that the system had completed are accepted first.
func (ln *listener) Close() error {
	ln.mu.Lock()
	if !ln.closed {
		ln.closed = true
		close(ln.closing)
		ln.room.Broadcast()
		for _, a := range ln.sockets {
			a.interrupt()
		}
	}
	ln.mu.Unlock()
	var errs []error
	for _, a := range ln.sockets {
		<-a.done
		errs = append(errs, a.err)
	}
	ln.group.listeners.Remove(ln)
	return errors.Join(errs...)
}

// Drain implements engine.Listener.
func (ln *listener) Drain(ctx context.Context) error {
	return errors.Join(ln.Close(), ln.group.drain(ctx, &ln.owner))
}

// wakeAcceptors makes those go on that wait because there were too many connections.
func (ln *listener) wakeAcceptors() {
	if ln.full.Load() {
		ln.mu.Lock()
		ln.room.Broadcast()
		ln.mu.Unlock()
	}
}

// waitForRoom waits while there are too many connections. It returns false when the listener is closed.
func (ln *listener) waitForRoom() bool {
	ln.mu.Lock()
	defer ln.mu.Unlock()
	for !ln.closed {
		ln.full.Store(true) // before the look: whoever goes after it wakes us
		if ln.owner.Conns.Load() < int64(ln.config.MaxConns) {
			ln.full.Store(false)
			return true
		}
		ln.room.Wait()
	}
	return false
}
