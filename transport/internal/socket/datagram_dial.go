//go:build linux

package socket

import (
	"context"
	"net"
	"net/netip"
	"sync"

	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// DialDatagrams implements engine.DatagramGroup.
func (g *Group) DialDatagrams(ctx context.Context, c engine.DatagramDialConfig) (datagram.Remote, error) {
	r, err := g.dialDatagrams(ctx, &c)
	if err != nil {
		return datagram.Remote{}, g.opError("dial", c.Network, c.Addr, err)
	}
	return r, nil
}

func (g *Group) dialDatagrams(ctx context.Context, c *engine.DatagramDialConfig) (datagram.Remote, error) {
	l, err := g.loops.Find(c.Loop)
	if err != nil {
		return datagram.Remote{}, err
	}
	if l == nil {
		l = g.loops.LeastLoaded()
	}
	dialer := net.Dialer{Control: datagramControl(&c.Socket, false)}
	conn, err := dialer.DialContext(ctx, c.Network, c.Addr)
	if err != nil {
		return datagram.Remote{}, err
	}
	defer conn.Close()
	peer, ok := conn.RemoteAddr().(*net.UDPAddr)
	if !ok {
		return datagram.Remote{}, net.UnknownNetworkError(c.Network)
	}
	d := &Datagrams{l: l}
	if d.fd, err = dupFD(conn); err != nil {
		return datagram.Remote{}, err
	}
	to := peer.AddrPort()
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	return d.enter(g.datagrams.ofDialed(), ctx, c.Open, to, c.Options, &c.Socket)
}

// datagramSockets are the sockets for packets of a group.
type datagramSockets struct {
	mu        sync.Mutex
	dialed    *datagramOwner
	listeners map[*datagramListener]struct{}
	stopped   bool
}

func (s *datagramSockets) add(ln *datagramListener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return false
	}
	if s.listeners == nil {
		s.listeners = make(map[*datagramListener]struct{})
	}
	s.listeners[ln] = struct{}{}
	return true
}

func (s *datagramSockets) remove(ln *datagramListener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, ln)
}

// ofDialed returns the owner of dialed sockets.
func (s *datagramSockets) ofDialed() *datagramOwner {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dialed == nil {
		s.dialed = newDatagramOwner()
		if s.stopped {
			s.dialed.settle()
		}
	}
	return s.dialed
}

// drains returns what drains all sockets.
func (s *datagramSockets) drains(g *Group) []func(context.Context) error {
	dialed := s.ofDialed()
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []func(context.Context) error{func(ctx context.Context) error { return dialed.drain(ctx, g.kind.Name) }}
	for ln := range s.listeners {
		all = append(all, ln.Drain)
	}
	return all
}

// stop has no more sockets opened, because the group closes. Its loops abort those that are open.
func (s *datagramSockets) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	if s.dialed != nil {
		s.dialed.settle()
	}
}
