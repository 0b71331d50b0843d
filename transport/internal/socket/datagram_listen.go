//go:build linux

package socket

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var _ engine.DatagramGroup = (*Group)(nil)

// datagramOwner counts the sockets of a listener, or those that a group has dialed, and tells when they are gone.
type datagramOwner struct {
	mu      sync.Mutex
	open    map[*Datagrams]struct{}
	stats   datagram.Stats // of those that are closed
	cause   error
	waiting bool          // no more are added
	empty   chan struct{} // closed when the last one is gone, and no more are added
}

func newDatagramOwner() *datagramOwner {
	return &datagramOwner{open: make(map[*Datagrams]struct{}), empty: make(chan struct{})}
}

// add counts a socket, unless the owner takes no more.
func (o *datagramOwner) add(d *Datagrams) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.waiting {
		return false
	}
	d.owner = o
	o.open[d] = struct{}{}
	return true
}

// gone takes a closed socket out.
func (d *Datagrams) gone() {
	o := d.owner
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, ok := o.open[d]; !ok {
		return
	}
	delete(o.open, d)
	if d.Loop() != nil { // it has been on its loop
		o.stats.Add(d.Shown())
	}
	if cause := d.Cause(); cause != nil && cause != channel.ErrShutdown && o.cause == nil {
		o.cause = cause
	}
	o.tell()
}

// tell closes empty if it is time.
func (o *datagramOwner) tell() {
	if o.waiting && len(o.open) == 0 {
		select {
		case <-o.empty:
		default:
			close(o.empty)
		}
	}
}

// settle says that no more sockets are added.
func (o *datagramOwner) settle() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting = true
	o.tell()
}

// each calls f for all sockets, on their loops.
func (o *datagramOwner) each(f func(*Datagrams)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for d := range o.open {
		d.later(f)
	}
}

// drain closes all sockets: in order, and those that are left when ctx ends at once.
func (o *datagramOwner) drain(ctx context.Context, name string) error {
	o.settle()
	o.each((*Datagrams).drain)
	select {
	case <-o.empty:
	case <-ctx.Done():
	}
	select {
	case <-o.empty: // perhaps both at once
		return nil
	default:
	}
	o.mu.Lock()
	left := len(o.open)
	o.mu.Unlock()
	o.abort()
	return fmt.Errorf("%s: %d sockets for datagrams aborted while draining: %w", name, left, context.Cause(ctx))
}

// abort closes all sockets at once.
func (o *datagramOwner) abort() {
	o.settle()
	o.each(func(d *Datagrams) { d.Abort(channel.ErrShutdown) })
	<-o.empty
}

// datagramListener implements engine.DatagramListener.
type datagramListener struct {
	*datagramOwner
	group   *Group
	addr    net.Addr
	remotes []datagram.Remote
}

// ListenDatagrams implements engine.DatagramGroup.
func (g *Group) ListenDatagrams(ctx context.Context, c engine.DatagramConfig) (engine.DatagramListener, error) {
	ln := &datagramListener{datagramOwner: newDatagramOwner(), group: g}
	if !g.datagrams.add(ln) {
		return nil, g.opError("listen", c.Network, c.Addr, net.ErrClosed)
	}
	loops := g.loops
	if c.Single {
		loops = loops[:1]
	}
	addr := c.Addr
	for i, l := range loops {
		options := c.Socket
		if i > 0 {
			options.Groups = nil
		}
		d := &Datagrams{l: l, fd: -1}
		bound, err := d.listen(ctx, c.Network, addr, &options, len(loops) > 1)
		if err == nil {
			if i == 0 {
				ln.addr, addr = bound, bound.String() // port 0 is the same port for all
			}
			var r datagram.Remote
			if r, err = d.enter(ln.datagramOwner, context.WithoutCancel(ctx), c.Accept, netip.AddrPort{}, c.Options, &options); err == nil {
				ln.remotes = append(ln.remotes, r)
			}
		}
		if err != nil {
			return nil, errors.Join(g.opError("listen", c.Network, c.Addr, err), ln.Close())
		}
	}
	ln.settle()
	return ln, nil
}

// listen makes the socket and binds it. Names and addresses are left to package net, whose own descriptor is closed again.
func (d *Datagrams) listen(ctx context.Context, network, addr string, o *engine.DatagramOptions, reuse bool) (net.Addr, error) {
	lc := net.ListenConfig{Control: datagramControl(o, reuse)}
	conn, err := lc.ListenPacket(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	d.fd, err = dupFD(conn)
	return conn.LocalAddr(), err
}

// enter opens the socket on its loop. If it fails, the socket is closed.
func (d *Datagrams) enter(o *datagramOwner, ctx context.Context, accept func(*datagram.Socket) datagram.Sink, peer netip.AddrPort, opts *datagram.Options, s *engine.DatagramOptions) (datagram.Remote, error) {
	type result struct {
		r   datagram.Remote
		err error
	}
	if !o.add(d) {
		unix.Close(d.fd)
		return datagram.Remote{}, channel.ErrShutdown
	}
	opened := make(chan result, 1)
	d.l.Do(func(err error) {
		res := result{err: errPanic}
		defer func() { opened <- res }()
		if err == nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			unix.Close(d.fd)
			d.closed()
			res.err = err
			return
		}
		if err = d.open(accept, peer, opts, s); err == nil {
			if res.r = d.Remote(); res.r == (datagram.Remote{}) {
				err = cmp.Or(d.Cause(), channel.ErrClosed)
			}
		}
		res.err = err
	})
	select {
	case res := <-opened:
		return res.r, res.err
	case <-ctx.Done():
		go func() { // the socket may have been opened at the same moment
			if res := <-opened; res.err == nil {
				res.r.Close(context.Cause(ctx))
			}
		}()
		return datagram.Remote{}, context.Cause(ctx)
	}
}

// Addr implements engine.DatagramListener.
func (ln *datagramListener) Addr() net.Addr { return ln.addr }

// Remotes implements engine.DatagramListener.
func (ln *datagramListener) Remotes() []datagram.Remote {
	return append([]datagram.Remote(nil), ln.remotes...)
}

// Stats implements engine.DatagramListener.
func (ln *datagramListener) Stats() datagram.Stats {
	ln.mu.Lock()
	defer ln.mu.Unlock()
	sum := ln.stats
	for d := range ln.open {
		sum.Add(d.Shown())
	}
	return sum
}

// Done implements engine.DatagramListener.
func (ln *datagramListener) Done() <-chan struct{} { return ln.empty }

// Err implements engine.DatagramListener.
func (ln *datagramListener) Err() error {
	ln.mu.Lock()
	defer ln.mu.Unlock()
	return ln.cause
}

// Drain implements engine.DatagramListener.
func (ln *datagramListener) Drain(ctx context.Context) error {
	defer ln.group.datagrams.remove(ln)
	return ln.drain(ctx, ln.group.kind.Name)
}

// Close implements engine.DatagramListener.
func (ln *datagramListener) Close() error {
	defer ln.group.datagrams.remove(ln)
	ln.abort()
	return nil
}
