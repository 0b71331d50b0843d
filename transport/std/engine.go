package std

import (
	"context"
	"fmt"
	"net"

	"github.com/ropewalk/ropewalk/transport/engine"
)

// Engine is the engine on package net. The zero value is ready to use: it listens and dials as package net does. With
// functions of one's own it runs on any listener and any connection.
type Engine struct {
	// Listen makes the listener that a group accepts from. Nil means that of package net. Network and address are those of the
	// engine.ListenConfig, whose Socket and ReusePort are then for this function to know of: the engine does not look at them. ctx
	// bounds the call only. It may be called by several goroutines. The engine owns what it returns, and closes it.
	Listen func(ctx context.Context, network, addr string) (net.Listener, error)
	// Dial is the same for connections that are dialed: it is to return when the connection is made, or ctx ends.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)

	plain bool // tests: sockets are treated as connections of others
}

var _ engine.Engine = Engine{}

// String implements engine.Engine.
func (Engine) String() string { return "std" }

// Capabilities implements engine.Engine. With functions of one's own it tells what all connections have.
func (e Engine) Capabilities() engine.Capabilities {
	own := e.Listen != nil || e.Dial != nil
	sockets := haveDirect && !own && !e.plain
	return engine.Capabilities{
		Networks:      []string{"tcp", "tcp4", "tcp6", "unix"},
		Sendfile:      sockets && haveSendfile,
		ExactPause:    sockets,
		Reset:         !own,
		HalfClose:     !own,
		Gathered:      sockets && haveGather,
		SocketOptions: !own,
	}
}

// maxLoops bounds the loops of a group.
const maxLoops = 1024

// Start implements engine.Engine.
func (e Engine) Start(c engine.Config) (engine.Group, error) {
	c = c.Prepare()
	if c.Loops > maxLoops {
		return nil, fmt.Errorf("std: %d loops are more than the %d that a group may have", c.Loops, maxLoops)
	}
	g := &engineGroup{engine: e, config: c}
	g.dialed.Init()
	for range c.Loops {
		g.loops = append(g.loops, startLoop(g))
	}
	return g, nil
}
