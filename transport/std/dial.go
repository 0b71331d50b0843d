package std

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var errForeign = errors.New("the loop belongs to another group")

// Dial implements engine.Group.
func (g *group) Dial(ctx context.Context, c engine.DialConfig) (channel.Remote, error) {
	fail := func(err error) (channel.Remote, error) {
		return channel.Remote{}, opError("dial", c.Network, c.Addr, err)
	}
	l, err := g.loopFor(c.Loop)
	if err != nil {
		return fail(err)
	}
	if err := check(c.Socket, g.engine.Capabilities()); err != nil {
		return fail(err)
	}
	nc, err := g.connect(ctx, c)
	if err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("%w: %w", err, context.DeadlineExceeded) // the deadline was the context's; net tells it in two ways
		}
		return fail(err)
	}
	if l == nil {
		l = g.leastLoaded()
	}
	result := make(chan opened, 1)
	g.dialed.conns.Add(1)
	l.start(nc, &g.dialed, opening{accept: c.Open, options: c.Options, result: result, allowed: func() error {
		if g.dialed.draining.Load() {
			return channel.ErrShutdown
		}
		return context.Cause(ctx)
	}})
	select {
	case res := <-result:
		if res.err != nil {
			return fail(res.err)
		}
		return res.remote, nil
	case <-ctx.Done():
		go func() { // the channel may have been opened at the same moment
			if res := <-result; res.err == nil {
				res.remote.Close(context.Cause(ctx))
			}
		}()
		return fail(context.Cause(ctx))
	}
}

// loopFor returns our side of a loop of the group, nil for nil.
func (g *group) loopFor(want *channel.Loop) (*loop, error) {
	if want == nil {
		return nil, nil
	}
	for _, l := range g.loops {
		if l.Loop == want {
			return l, nil
		}
	}
	return nil, errForeign
}

// connect makes the connection of a configuration.
func (g *group) connect(ctx context.Context, c engine.DialConfig) (net.Conn, error) {
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
