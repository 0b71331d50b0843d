package gnet

import (
	"context"
	"net"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// Dial implements engine.Group. Names, several addresses, and cancellation are left to package net; the connection
// then moves to a loop.
func (g *engineGroup) Dial(ctx context.Context, c engine.DialConfig) (channel.Remote, error) {
	r, err := g.dial(ctx, c)
	if err != nil {
		return channel.Remote{}, group.OpError("gnet", "dial", c.Network, c.Addr, err)
	}
	return r, nil
}

func (g *engineGroup) dial(ctx context.Context, c engine.DialConfig) (channel.Remote, error) {
	l, err := g.loops.Find(c.Loop)
	if err != nil {
		return channel.Remote{}, err
	}
	nc, err := connect(ctx, c)
	if err != nil {
		return channel.Remote{}, err
	}
	if !g.begin() {
		nc.Close()
		return channel.Remote{}, net.ErrClosed
	}
	if l == nil {
		l = g.leastLoaded()
	} else {
		l.conns.Add(1)
	}
	g.dialed.Conns.Add(1)
	opened := make(chan group.Opened, 1)
	go func() {
		defer g.entering.Done()
		var res group.Opened
		e := &entry{opts: c.Options, check: func() error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if g.dialed.Draining() {
				return channel.ErrShutdown
			}
			return nil
		}}
		e.accept = c.Open
		e.opened = func(ch *channel.Channel) {
			res = group.OpenedAs(ch)
		}
		if err := l.place(nc, &g.dialed, e); err != nil {
			res.Err = err
		}
		opened <- res
	}()
	return group.Await(ctx, opened)
}

// connect returns a connection with its options set.
func connect(ctx context.Context, c engine.DialConfig) (net.Conn, error) {
	switch c.Network {
	case "tcp", "tcp4", "tcp6", "unix":
	default: // package net would make a socket that is not a stream
		return nil, net.UnknownNetworkError(c.Network)
	}
	if err := c.Socket.Check(capabilities); err != nil {
		return nil, err
	}
	d := net.Dialer{KeepAlive: -1, Control: control(c.Socket, false, false)}
	d.SetMultipathTCP(false)
	nc, err := d.DialContext(ctx, c.Network, c.Addr)
	if err != nil {
		return nil, group.DialError(err)
	}
	if err := configure(nc, c.Socket); err != nil {
		nc.Close()
		return nil, err
	}
	return nc, nil
}
