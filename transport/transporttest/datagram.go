package transporttest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// RunDatagrams tests the sockets for packets of an engine, whose groups are engine.DatagramGroups, with one loop and with two.
func RunDatagrams(t *testing.T, e engine.Engine) {
	for _, loops := range []int{1, 2} {
		for _, c := range datagramCases() {
			t.Run(fmt.Sprintf("datagrams/loops=%d/%s", loops, c.name), func(t *testing.T) {
				Suite{Engine: e, Loops: loops, Dial: net.Dial, Listen: net.Listen}.run(t, c)
			})
		}
	}
}

func datagramCases() []behaviour {
	return slices.Concat(packetCases, packetFaultCases, packetOptionCases, packetGroupCases, packetEndCases)
}

// A packetServer is sockets of the engine under test.
type packetServer struct {
	engine.DatagramListener
	w     *world
	sinks chan *packetSink
}

// packets starts the group, if it was not yet.
func (w *world) packets() engine.DatagramGroup {
	w.Helper()
	g, ok := w.start().(engine.DatagramGroup)
	if !ok || !w.suite.Engine.Capabilities().Datagrams {
		w.Fatalf("%v: the group is a DatagramGroup: %v, the capabilities say %v", w.suite.Engine, ok, w.suite.Engine.Capabilities().Datagrams)
	}
	return g
}

// receive opens sockets at an address.
func (w *world) receive(c engine.DatagramConfig, makeSink func() *packetSink) *packetServer {
	w.Helper()
	srv, err := w.tryReceive(c, makeSink)
	if err != nil {
		w.Fatalf("ListenDatagrams: %v", err)
	}
	return srv
}

func (w *world) tryReceive(c engine.DatagramConfig, makeSink func() *packetSink) (*packetServer, error) {
	w.Helper()
	if c.Network == "" {
		c.Network = "udp4"
	}
	if c.Addr == "" {
		c.Addr = "127.0.0.1:0"
	}
	if c.Options == nil {
		c.Options = datagram.Options{}.Prepare()
	}
	srv := &packetServer{w: w, sinks: make(chan *packetSink, w.loops)}
	if c.Accept == nil {
		c.Accept = func(*datagram.Socket) datagram.Sink {
			s := makeSink()
			srv.sinks <- s
			return s
		}
	}
	var err error
	srv.DatagramListener, err = w.packets().ListenDatagrams(context.Background(), c)
	return srv, err
}

// addr returns the server's address.
func (srv *packetServer) addr() netip.AddrPort { return srv.Addr().(*net.UDPAddr).AddrPort() }

// sink returns the sink of the next socket.
func (srv *packetServer) sink() *packetSink {
	srv.w.Helper()
	return await(srv.w, "a socket", srv.sinks)
}

// connect opens a socket of the engine that is connected to a peer.
func (w *world) connect(to string, s *packetSink) datagram.Remote {
	w.Helper()
	r, err := w.tryConnect(to, s)
	if err != nil {
		w.Fatalf("DialDatagrams: %v", err)
	}
	return r
}

func (w *world) tryConnect(to string, s *packetSink) (datagram.Remote, error) {
	return w.packets().DialDatagrams(context.Background(), engine.DatagramDialConfig{
		Network: "udp", Addr: to, Options: datagram.Options{}.Prepare(),
		Open: func(*datagram.Socket) datagram.Sink { return s },
	})
}

// A packetPeer is the other side: a socket of package net.
type packetPeer struct {
	*net.UDPConn
	w *world
}

// packetPeer returns a peer that talks to an address only.
func (w *world) packetPeer(to netip.AddrPort) *packetPeer {
	w.Helper()
	return w.packetPeerFrom(netip.AddrPort{}, to)
}

// packetPeerFrom returns a peer that is bound to an address, and connected to another. Either may be none.
func (w *world) packetPeerFrom(from, to netip.AddrPort) *packetPeer {
	w.Helper()
	var local *net.UDPAddr
	if from.IsValid() {
		local = net.UDPAddrFromAddrPort(from)
	}
	var conn *net.UDPConn
	var err error
	if to.IsValid() {
		conn, err = net.DialUDP("udp", local, net.UDPAddrFromAddrPort(to))
	} else {
		conn, err = net.ListenUDP("udp", local)
	}
	if err != nil {
		w.Fatal(err)
	}
	w.peers = append(w.peers, conn)
	return &packetPeer{conn, w}
}

// local returns the peer's own address.
func (p *packetPeer) local() netip.AddrPort { return p.LocalAddr().(*net.UDPAddr).AddrPort() }

func (p *packetPeer) send(packets ...string) {
	p.w.Helper()
	for _, data := range packets {
		if _, err := p.Write([]byte(data)); err != nil {
			p.w.Fatalf("peer: %v", err)
		}
	}
}

// next returns the next packet.
func (p *packetPeer) next() string {
	p.w.Helper()
	data, err := p.tryNext(patience)
	if err != nil {
		p.w.Fatalf("peer: %v", err)
	}
	return data
}

func (p *packetPeer) tryNext(wait time.Duration) (string, error) {
	p.SetReadDeadline(time.Now().Add(wait))
	buf := make([]byte, 1<<16)
	n, _, err := p.ReadFromUDPAddrPort(buf)
	return string(buf[:n]), err
}

// want compares the next packets.
func (p *packetPeer) want(packets ...string) {
	p.w.Helper()
	for i, want := range packets {
		if got := p.next(); got != want {
			p.w.Fatalf("peer: packet %d is %s, want %s", i, brief(got), brief(want))
		}
	}
}

func brief(s string) string {
	if len(s) > 40 {
		return fmt.Sprintf("%q and %d bytes more", s[:40], len(s)-40)
	}
	return fmt.Sprintf("%q", s)
}

// wantErr compares an error.
func (w *world) wantErr(what string, got, want error) {
	w.Helper()
	if !errors.Is(got, want) || (got == nil) != (want == nil) {
		w.Errorf("%s: %v, want %v", what, got, want)
	}
}
