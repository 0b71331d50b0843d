//go:build linux

package socket

import (
	"context"
	"errors"
	"fmt"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// A Kind is an engine as seen from its groups.
type Kind struct {
	Name string // for errors
	// Open makes the poller of a loop, on the loop's goroutine.
	Open func(*Loop) (Poller, error)
	// Make wraps a new connection into what the engine needs. Nil means that it needs no more. It is called by any goroutine.
	Make func() Connection
}

// Capabilities returns what all engines that are built on this package can do.
func Capabilities() engine.Capabilities {
	return engine.Capabilities{
		Networks:  []string{"tcp", "tcp4", "tcp6", "unix"},
		Datagrams: true, Sendfile: true, ExactPause: true, Reset: true, HalfClose: true, Gathered: true, ReusePort: true, SocketOptions: true,
		Credentials: true, Descriptors: true, ZeroCopy: true, TCPInfo: true, Steer: true,
	}
}

// maxLoops bounds the threads of a group.
const maxLoops = 1024

// Start starts a group.
func Start(c engine.Config, kind Kind) (*Group, error) {
	c = c.Prepare()
	if c.Loops > maxLoops {
		return nil, fmt.Errorf("%s: %d loops are more than the %d that a group may have", kind.Name, c.Loops, maxLoops)
	}
	g := &Group{config: c, kind: kind, fetch: newFetcher()}
	g.dialed.Init()
	for range c.Loops {
		l, err := startLoop(g)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", kind.Name, err), g.Close())
		}
		g.loops = append(g.loops, l)
	}
	return g, nil
}

// Group implements engine.Group.
type Group struct {
	config engine.Config
	kind   Kind
	loops  group.Loops[*Loop]
	fetch  *fetcher
	dialed group.Owner

	listeners group.Listeners[*listener]

	datagrams datagramSockets
}

var _ engine.Group = (*Group)(nil)

// newConn returns a connection that is not on a loop yet.
func (g *Group) newConn(o *group.Owner, fd int, peer endpoint, tcp bool) Connection {
	var conn Connection
	if g.kind.Make != nil {
		conn = g.kind.Make()
	} else {
		conn = new(Conn)
	}
	c := conn.base()
	c.owner, c.FD, c.peer = o, int32(fd), peer
	if tcp {
		c.Flags |= isTCP
	}
	return conn
}

// Loops implements engine.Group.
func (g *Group) Loops() []*channel.Loop { return g.loops.Bases() }

// Drain implements engine.Group.
func (g *Group) Drain(ctx context.Context) error {
	others := append(g.datagrams.drains(g), func(ctx context.Context) error { return g.drain(ctx, &g.dialed) })
	return g.listeners.Drain(ctx, others...)
}

// Close implements engine.Group.
func (g *Group) Close() error {
	first, err := g.listeners.Close()
	if first {
		g.datagrams.stop()
		g.loops.Each(func(l *Loop) { l.stopping = true }) // not before: a loop that ends would wait for what it listens on
	}
	for _, l := range g.loops {
		<-l.done
	}
	g.fetch.close()
	return err
}

func (g *Group) opError(op, network, addr string, err error) error {
	return group.OpError(g.kind.Name, op, network, addr, err)
}
