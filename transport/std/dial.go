package std

import (
	"context"
	"errors"
	"net"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// Dial implements engine.Group.
func (g *engineGroup) Dial(ctx context.Context, c engine.DialConfig) (channel.Remote, error) {
	fail := func(err error) (channel.Remote, error) {
		return channel.Remote{}, group.OpError("std", "dial", c.Network, c.Addr, err)
	}
	l, err := g.loops.Find(c.Loop)
	if err != nil {
		return fail(err)
	}
	if err := check(c.Socket, g.engine.Capabilities()); err != nil {
		return fail(err)
	}
	nc, err := g.connect(ctx, c)
	if err != nil {
		return fail(group.DialError(err))
	}
	if l == nil {
		l = g.loops.LeastLoaded()
	}
	opened := make(chan group.Opened, 1)
	g.dialed.Conns.Add(1)
	l.start(nc, &g.dialed, opening{accept: c.Open, options: c.Options, opened: opened, allowed: func() error {
		if g.dialed.Draining() {
			return channel.ErrShutdown
		}
		return context.Cause(ctx)
	}})
	r, err := group.Await(ctx, opened)
	if err != nil {
		return fail(err)
	}
	return r, nil
}

// connect makes the connection of a configuration.
func (g *engineGroup) connect(ctx context.Context, c engine.DialConfig) (net.Conn, error) {
	if f := g.engine.Dial; f != nil {
		nc, err := f(ctx, c.Network, c.Addr)
		if err == nil && nc == nil {
			err = errors.New("Engine.Dial returned no connection")
		}
		return nc, err
	}
	switch c.Network {
	case "tcp", "tcp4", "tcp6", "unix":
	default: // package net would make a socket that is not a stream
		return nil, net.UnknownNetworkError(c.Network)
	}
	d := net.Dialer{Control: control(c.Socket), KeepAliveConfig: keepAlive(c.Socket), KeepAlive: -1}
	d.SetMultipathTCP(false)
	nc, err := d.DialContext(ctx, c.Network, c.Addr)
	if err != nil {
		return nil, err
	}
	setOptions(nc, c.Socket, false)
	return nc, nil
}
