//go:build linux

package socket

import (
	"context"
	"errors"
	"net"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// Dial implements engine.Group. Names, several addresses, and cancellation are left to package net; the connection
// then moves to a loop.
func (g *Group) Dial(ctx context.Context, c engine.DialConfig) (channel.Remote, error) {
	l, err := g.loops.Find(c.Loop)
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
		l = g.loops.LeastLoaded()
	}
	conn := g.newConn(&g.dialed, fd, endpointFor(peer), isTCPAddr(peer))
	co := conn.base()
	opened := make(chan group.Opened, 1)
	g.dialed.Conns.Add(1)
	l.Do(func(err error) {
		res := group.Opened{Err: errPanic}
		defer func() { opened <- res }()
		if err == nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err == nil && g.dialed.Draining() {
			err = channel.ErrShutdown
		}
		if err != nil {
			co.discard()
			res.Err = err
			return
		}
		if res.Err = l.add(conn, c.Open, c.Options, &c.Socket); res.Err == nil {
			res = group.OpenedAs(&co.Channel)
		}
	})
	r, err := group.Await(ctx, opened)
	if err != nil {
		return channel.Remote{}, g.opError("dial", c.Network, c.Addr, err)
	}
	return r, nil
}

var errPanic = errors.New("the code that opens the channel has panicked")

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
		return -1, nil, group.DialError(err)
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
