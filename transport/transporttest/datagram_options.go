package transporttest

import (
	"net/netip"

	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var packetOptionCases = []behaviour{
	{"PacketInfo", "an answer leaves from the address that was asked", packetInfo},
	{"TOS", "the traffic class of packets is told, and can be set", packetTOS},
}

func packetInfo(w *world) {
	for _, c := range []engine.DatagramConfig{{Network: "udp4", Addr: "0.0.0.0:0"}, {Network: "udp", Addr: "[::]:0"}} {
		c.Socket.PacketInfo = true
		seen := make(chan datagram.Address, 10)
		srv := w.receive(c, func() *packetSink {
			s := w.packetSink()
			s.onReceive = func(s *packetSink, p datagram.Packet) error {
				seen <- p.Address
				return s.s.Send(p)
			}
			return s
		})
		for _, local := range []string{"127.0.0.1", "127.0.0.2"} {
			at := netip.MustParseAddr(local)
			p := w.packetPeer(netip.AddrPortFrom(at, srv.addr().Port()))
			p.send("x")
			p.want("x") // connected as it is, it hears nobody but whom it has asked
			if a := await(w, "an address", seen); a.Local != at || a.Interface == 0 || a.Peer != p.local() {
				w.Errorf("address %+v, want local %v, peer %v", a, at, p.local())
			}
		}
		srv.Close()
	}
}

func packetTOS(w *world) {
	srv := w.receive(engine.DatagramConfig{Single: true, Socket: engine.DatagramOptions{ReceiveTOS: true}}, w.packetSink)
	s := srv.sink()
	p := w.packetPeer(srv.addr())
	if !sendClass(p.UDPConn, 0x28|1) {
		w.Fatal("the traffic class of a peer cannot be set")
	}
	p.send("x")
	if g := s.next(); g.tos != 0x28|1 {
		w.Errorf("traffic class %#x", g.tos)
	}
	other := w.packetSink()
	w.receive(engine.DatagramConfig{Single: true}, func() *packetSink { return other })
	s.do(srv.Remotes()[0], func(sock *datagram.Socket) {
		b := sock.Alloc(1)
		b.PutString("y")
		to := datagram.To(srv.addr()) // itself
		if err := sock.Send(datagram.Packet{Data: b, Address: to, TOS: 0x30}); err != nil {
			w.Error(err)
		}
	})
	if g := s.next(); g.tos != 0x30 || g.data != "y" {
		w.Errorf("traffic class %#x of what was sent with 0x30", g.tos)
	}
}
