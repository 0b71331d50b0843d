package transporttest

import (
	"net"
	"net/netip"

	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var packetGroupCases = []behaviour{
	{"Group", "a member of a multicast group gets its packets, once, until it leaves", packetGroup},
	{"GroupSource", "a member that wants one source only gets nothing from others", packetGroupSource},
	{"GroupSend", "packets to a group leave by the interface that was chosen", packetGroupSend},
	{"GroupRefused", "what is no group, or of the wrong family, is refused", packetGroupRefused},
}

var testGroup = netip.MustParseAddr("239.77.12.9")

// loopback returns the name of the loopback interface.
func (w *world) loopback() string {
	w.Helper()
	all, err := net.Interfaces()
	if err != nil {
		w.Fatal(err)
	}
	for _, i := range all {
		if i.Flags&net.FlagLoopback != 0 {
			return i.Name
		}
	}
	w.Fatal("there is no loopback interface")
	return ""
}

// groupPeer returns a peer that sends to groups by the loopback interface.
func (w *world) groupPeer(from string) *packetPeer {
	w.Helper()
	p := w.packetPeerFrom(netip.AddrPortFrom(netip.MustParseAddr(from), 0), netip.AddrPort{})
	if !groupsByLoopback(p.UDPConn) {
		w.Fatal("the interface of a peer cannot be set")
	}
	return p
}

func (p *packetPeer) sendTo(to netip.AddrPort, data string) {
	p.w.Helper()
	if _, err := p.WriteToUDPAddrPort([]byte(data), to); err != nil {
		p.w.Fatalf("peer: to %v: %v", to, err)
	}
}

func packetGroup(w *world) {
	m := datagram.Membership{Group: testGroup, Interface: w.loopback()}
	all := make(chan got, 100)
	srv := w.receive(engine.DatagramConfig{Addr: "0.0.0.0:0", Socket: engine.DatagramOptions{Groups: []datagram.Membership{m}, PacketInfo: true}}, func() *packetSink {
		s := w.packetSink()
		s.got = all
		return s
	})
	p := w.groupPeer("127.0.0.1")
	to := netip.AddrPortFrom(testGroup, srv.addr().Port())
	direct := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), to.Port())
	for range 3 {
		p.sendTo(to, "to all")
		p.sendTo(direct, "to one")
		group, one := await(w, "a packet", all), await(w, "a packet", all)
		if group.data != "to all" { // on several loops they come in any order
			group, one = one, group
		}
		if group.data != "to all" || group.Local != testGroup || one.data != "to one" {
			w.Errorf("got %+v and %+v", group, one)
		}
	}
	s := srv.sink()
	s.do(srv.Remotes()[0], func(sock *datagram.Socket) { w.wantErr("Leave", sock.Leave(m), nil) })
	p.sendTo(to, "to all")
	p.sendTo(direct, "to one")
	if g := await(w, "a packet", all); g.data != "to one" {
		w.Errorf("got %+v after leaving", g)
	}
}

func packetGroupSource(w *world) {
	m := datagram.Membership{Group: netip.MustParseAddr("232.77.12.9"), Interface: w.loopback(), Source: netip.MustParseAddr("127.0.0.2")}
	srv := w.receive(engine.DatagramConfig{Addr: "0.0.0.0:0", Single: true, Socket: engine.DatagramOptions{Groups: []datagram.Membership{m}}}, w.packetSink)
	s := srv.sink()
	to := netip.AddrPortFrom(m.Group, srv.addr().Port())
	w.groupPeer("127.0.0.1").sendTo(to, "unwanted")
	w.groupPeer("127.0.0.2").sendTo(to, "wanted")
	if g := s.next(); g.data != "wanted" {
		w.Errorf("got %+v", g)
	}
}

func packetGroupSend(w *world) {
	m := datagram.Membership{Group: testGroup, Interface: w.loopback()}
	srv := w.receive(engine.DatagramConfig{Addr: "0.0.0.0:0", Single: true, Socket: engine.DatagramOptions{Groups: []datagram.Membership{m}}}, w.packetSink)
	s := srv.sink()
	to := netip.AddrPortFrom(testGroup, srv.addr().Port())
	from := w.packetSink()
	sender := w.receive(engine.DatagramConfig{Addr: "127.0.0.1:0", Single: true, Socket: engine.DatagramOptions{MulticastInterface: m.Interface, MulticastTTL: 2}}, func() *packetSink { return from })
	from.do(sender.Remotes()[0], func(*datagram.Socket) { from.text(to, "hello, all") })
	if g := s.next(); g.data != "hello, all" || g.Peer != sender.addr() {
		w.Errorf("got %+v", g)
	}
}

func packetGroupRefused(w *world) {
	for _, m := range []datagram.Membership{
		{Group: netip.MustParseAddr("127.0.0.1")},
		{Group: netip.MustParseAddr("ff02::1")},
		{Group: testGroup, Interface: "no such interface"},
		{},
	} {
		_, err := w.tryReceive(engine.DatagramConfig{Socket: engine.DatagramOptions{Groups: []datagram.Membership{m}}}, w.packetSink)
		if err == nil {
			w.Errorf("%+v was joined", m)
		}
	}
}
