//go:build linux

package socket

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// Dial implements engine.Group. Names, several addresses, and cancellation are left to package net; the connection
// then moves to a loop.
func (g *Group) Dial(ctx context.Context, c engine.DialConfig) (channel.Remote, error) {
	l, err := g.loopFor(c.Loop)
	if err == nil {
		err = c.Socket.Check(Capabilities())
	}
	if err != nil {
		return channel.Remote{}, g.opError("dial", c.Network, c.Addr, err)
	}
	fd, peer, err := connect(ctx, c)
	if err != nil {
		return channel.Remote{}, g.opError("dial", c.Network, c.Addr, err)
	}
	if l == nil {
		l = g.leastLoaded()
	}
	conn := g.newConn(&g.dialed, fd, endpointFor(peer), isTCPAddr(peer))
	co := conn.base()
	type result struct {
		r   channel.Remote
		err error
	}
	opened := make(chan result, 1)
	g.dialed.Conns.Add(1)
	l.Do(func(err error) {
		res := result{err: errPanic}
		defer func() { opened <- res }()
		if err == nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err == nil && g.dialed.Draining() {
			err = channel.ErrShutdown
		}
		if err != nil {
			co.discard()
			res.err = err
			return
		}
		if err = l.add(conn, c.Open, c.Options, &c.Socket); err == nil {
			if res.r = co.Remote(); res.r == (channel.Remote{}) {
				err = cmp.Or(co.Cause(), channel.ErrClosed)
			}
		}
		res.err = err
	})
	select {
	case res := <-opened:
		if res.err != nil {
			return channel.Remote{}, g.opError("dial", c.Network, c.Addr, res.err)
		}
		return res.r, nil
	case <-ctx.Done():
		go func() { // the channel may have been opened at the same moment
			if res := <-opened; res.err == nil {
				res.r.Close(context.Cause(ctx))
			}
		}()
		return channel.Remote{}, g.opError("dial", c.Network, c.Addr, context.Cause(ctx))
	}
}

var (
	errPanic   = errors.New("the code that opens the channel has panicked")
	errForeign = errors.New("the loop belongs to another group")
)

// loopFor returns our side of a loop of the group, nil for nil.
func (g *Group) loopFor(want *channel.Loop) (*Loop, error) {
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

// connect returns a connected socket and the address of the other side.
func connect(ctx context.Context, c engine.DialConfig) (fd int, peer net.Addr, err error) {
	switch c.Network {
	case "tcp", "tcp4", "tcp6", "unix":
	default: // package net would make a socket that is not a stream
		return -1, nil, net.UnknownNetworkError(c.Network)
	}
	d := net.Dialer{KeepAlive: -1, Control: control(c.Socket, use{})}
	d.SetMultipathTCP(false)
	nc, err := d.DialContext(ctx, c.Network, c.Addr)
	if err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("%w: %w", err, context.DeadlineExceeded) // the deadline was the context's; net tells it in two ways
		}
		return -1, nil, err
	}
	defer nc.Close()
	if fd, err = dupFD(nc); err != nil {
		return -1, nil, err
	}
	peer = nc.RemoteAddr()
	if err = setOptions(fd, c.Socket, isTCPAddr(peer)); err != nil {
		unix.Close(fd)
		return -1, nil, err
	}
	return fd, peer, nil
}
