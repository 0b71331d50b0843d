package gnet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var errForeign = errors.New("the loop belongs to another group")

// Dial implements engine.Group. Names, several addresses, and cancellation are left to package net; the connection
// then moves to a loop.
func (g *group) Dial(ctx context.Context, c engine.DialConfig) (channel.Remote, error) {
	r, err := g.dial(ctx, c)
	if err != nil {
		return channel.Remote{}, opError("dial", c.Network, c.Addr, err)
	}
	return r, nil
}

func (g *group) dial(ctx context.Context, c engine.DialConfig) (channel.Remote, error) {
	l, err := g.loopFor(c.Loop)
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
	g.dialed.conns.Add(1)
	type result struct {
		r   channel.Remote
		err error
	}
	opened := make(chan result, 1)
	go func() {
		defer g.entering.Done()
		var res result
		e := &entry{opts: c.Options, check: func() error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return g.dialed.check()
		}}
		e.accept = c.Open
		e.opened = func(ch *channel.Channel) {
			if res.r = ch.Remote(); res.r == (channel.Remote{}) {
				res.err = cmp.Or(ch.Cause(), channel.ErrClosed)
			}
		}
		res.err = cmp.Or(l.place(nc, &g.dialed, e), res.err)
		opened <- res
	}()
	select {
	case res := <-opened:
		return res.r, res.err
	case <-ctx.Done():
		go func() { // the channel may have been opened at the same moment
			if res := <-opened; res.err == nil {
				res.r.Close(context.Cause(ctx))
			}
		}()
		return channel.Remote{}, context.Cause(ctx)
	}
}

// loopFor returns our side of a loop of the group, nil for nil.
func (g *group) loopFor(want *channel.Loop) (*running, error) {
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
		if errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("%w: %w", err, context.DeadlineExceeded) // the deadline was the context's; net tells it in two ways
		}
		return nil, err
	}
	if err := configure(nc, c.Socket); err != nil {
		nc.Close()
		return nil, err
	}
	return nc, nil
}
