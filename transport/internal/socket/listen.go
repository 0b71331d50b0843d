//go:build linux

package socket

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// listener implements engine.Listener. It has one socket, on the first loop, or one on every loop.
type listener struct {
	owner   group.Owner // of the connections
	config  engine.ListenConfig
	group   *Group
	addr    net.Addr
	sockets []*Listening
	unlink  string // path of a Unix socket
	closing sync.Once
}

// Listen implements engine.Group.
func (g *Group) Listen(ctx context.Context, c engine.ListenConfig) (engine.Listener, error) {
	err := c.Socket.Check(Capabilities())
	if err == nil && c.Steer && !c.ReusePort {
		err = errSteerAlone
	}
	if err != nil {
		return nil, g.opError("listen", c.Network, c.Addr, err)
	}
	ln := &listener{config: c, group: g}
	ln.owner.Init()
	loops := g.loops[:1]
	reuse := c.ReusePort && c.Network != "unix"
	if reuse {
		loops = g.loops
	}
	addr := c.Addr
	for _, l := range loops {
		fd, bound, err := listen(ctx, c, addr, reuse)
		if err != nil {
			return nil, errors.Join(g.opError("listen", c.Network, c.Addr, err), ln.Close())
		}
		ln.addr, addr = bound, bound.String() // port 0 is the same port for all
		ln.sockets = append(ln.sockets, &Listening{listener: ln, l: l, FD: fd})
	}
	if reuse && c.Steer {
		if err := steer(ln.sockets[0].FD, len(loops), g.config.PinLoops); err != nil {
			return nil, errors.Join(g.opError("listen", c.Network, c.Addr, err), ln.Close())
		}
	}
	if u, ok := ln.addr.(*net.UnixAddr); ok && u.Name != "" && u.Name[0] != '@' && u.Name[0] != 0 { // an abstract one has no path, unix(7)
		ln.unlink = u.Name
	}
	ln.owner.Freed = ln.resume
	if !g.listeners.Add(ln) {
		return nil, errors.Join(g.opError("listen", c.Network, c.Addr, net.ErrClosed), ln.Close())
	}
	errs := make(chan error, len(ln.sockets))
	for _, s := range ln.sockets {
		s.l.Do(func(err error) {
			if err == nil {
				err = s.start()
			}
			errs <- err
		})
	}
	for range ln.sockets {
		err = errors.Join(err, <-errs)
	}
	if err != nil {
		return nil, errors.Join(g.opError("listen", c.Network, c.Addr, err), ln.Close())
	}
	return ln, nil
}

// listen makes a listening socket. Names and addresses are left to package net, whose own descriptor is closed
// again.
func listen(ctx context.Context, c engine.ListenConfig, addr string, reuse bool) (int, net.Addr, error) {
	lc := net.ListenConfig{KeepAlive: -1, Control: control(c.Socket, use{listening: true, reuse: reuse})}
	lc.SetMultipathTCP(false)
	ln, err := lc.Listen(ctx, c.Network, addr)
	if err != nil {
		return -1, nil, err
	}
	defer ln.Close()
	fd, err := dupFD(ln)
	if err != nil {
		return -1, nil, err
	}
	if err := setOptions(fd, c.Socket, isTCPAddr(ln.Addr())); err != nil { // connections inherit them
		unix.Close(fd)
		return -1, nil, err
	}
	if u, ok := ln.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
	}
	return fd, ln.Addr(), nil
}

// Addr implements engine.Listener.
func (ln *listener) Addr() net.Addr { return ln.addr }

// Conns implements engine.Listener.
func (ln *listener) Conns() int { return int(ln.owner.Conns.Load()) }

// Close implements engine.Listener. Connections that the kernel had completed are accepted first.
func (ln *listener) Close() error {
	var err error
	ln.closing.Do(func() {
		var wg sync.WaitGroup
		for _, s := range ln.sockets {
			wg.Add(1)
			s.l.Insist(func(err error) { // also when the loop has ended
				s.stop(err, wg.Done)
			})
		}
		wg.Wait()
		ln.group.listeners.Remove(ln)
		if ln.unlink != "" {
			if err = os.Remove(ln.unlink); errors.Is(err, os.ErrNotExist) {
				err = nil
			}
		}
	})
	return err
}

// Drain implements engine.Listener.
func (ln *listener) Drain(ctx context.Context) error {
	return errors.Join(ln.Close(), ln.group.drain(ctx, &ln.owner))
}

// resume makes sockets accept again that paused because there were too many connections.
func (ln *listener) resume() {
	for _, s := range ln.sockets {
		if s.full.Load() && ln.Conns() < ln.config.MaxConns && s.full.CompareAndSwap(true, false) {
			s.l.Insist(func(err error) {
				if err == nil {
					s.listen(true)
				}
			})
		}
	}
}
