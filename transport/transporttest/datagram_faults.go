package transporttest

import (
	"context"
	"net/netip"
	"strings"
	"syscall"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var packetFaultCases = []behaviour{
	{"BadDestination", "a packet that the system refuses is lost alone, counted, and told", packetBadDestination},
	{"NoOffload", "where the system does not split packets they are sent one by one, and none is lost", packetNoOffload},
	{"WrongFamily", "a peer of the other family is a bad destination", packetWrongFamily},
	{"Refused", "a connected socket is told that nobody is there, and lives on", packetRefused},
	{"Truncated", "packets above the limit are dropped and counted", packetTruncated},
	{"Overrun", "packets that the kernel drops are counted", packetOverrun},
	{"Pressure", "while memory is short packets come one by one, and all is well afterwards", packetPressure},
}

func packetBadDestination(w *world) {
	srv := w.receive(engine.DatagramConfig{Single: true}, w.packetSink)
	s := srv.sink()
	p := w.packetPeer(srv.addr())
	s.do(srv.Remotes()[0], func(*datagram.Socket) {
		s.text(p.local(), "1")
		s.text(p.local(), "2")
		s.text(netip.MustParseAddrPort("255.255.255.255:9"), "broadcast without permission")
		s.text(p.local(), "3")
		s.text(p.local(), strings.Repeat("x", 65_520)) // more than IPv4 carries
		s.text(p.local(), "4")
	})
	p.want("1", "2", "3", "4")
	w.wantErr("the first failure", await(w, "a failure", s.fails), syscall.EACCES)
	w.wantErr("the second failure", await(w, "a failure", s.fails), syscall.EMSGSIZE)
	srv.Drain(context.Background())
	if n := srv.Stats(); n.Lost != 2 || n.Sent != 4 {
		w.Errorf("stats %+v", n)
	}
}

func packetNoOffload(w *world) {
	srv := w.receive(engine.DatagramConfig{Single: true, Socket: engine.DatagramOptions{Control: noChecksums}}, w.packetSink)
	s := srv.sink()
	p := w.packetPeer(srv.addr())
	var want []string
	for i := range 60 {
		want = append(want, strings.Repeat(string(rune('a'+i%26)), 100-i/20*10))
	}
	for range 2 {
		s.do(srv.Remotes()[0], func(*datagram.Socket) {
			for _, data := range want {
				s.text(p.local(), data)
			}
		})
		p.want(want...)
	}
	srv.Drain(context.Background())
	if n := srv.Stats(); n.Sent != 120 || n.Lost != 0 || n.Errors != 0 {
		w.Errorf("stats %+v", n)
	}
}

func packetWrongFamily(w *world) {
	srv := w.receive(engine.DatagramConfig{Single: true}, w.packetSink)
	s := srv.sink()
	p := w.packetPeer(srv.addr())
	s.do(srv.Remotes()[0], func(*datagram.Socket) {
		s.text(p.local(), "1")
		s.text(netip.MustParseAddrPort("[::1]:9"), "x")
		s.text(p.local(), "2")
	})
	p.want("1", "2")
	w.wantErr("the failure", await(w, "a failure", s.fails), syscall.EAFNOSUPPORT)
}

func packetRefused(w *world) {
	p := w.packetPeerFrom(netip.MustParseAddrPort("127.0.0.1:0"), netip.AddrPort{})
	to := p.local()
	p.Close()
	s := w.packetSink()
	r := w.connect(to.String(), s)
	write := func(data string) {
		r.Write(buffer.Wrap(w.pool, []byte(data), nil))
	}
	write("to nobody")
	w.wantErr("what is told", await(w, "a failure", s.fails), syscall.ECONNREFUSED)
	again := w.packetPeerFrom(to, netip.AddrPort{})
	write("here you are")
	again.want("here you are")
	s.do(r, func(sock *datagram.Socket) {
		if n := sock.Stats(); n.Errors == 0 || n.Lost != 0 {
			w.Errorf("stats %+v", n)
		}
	})
}

func packetTruncated(w *world) {
	srv := w.receive(engine.DatagramConfig{Single: true, Socket: engine.DatagramOptions{MaxPacket: 100}}, w.packetEcho)
	p := w.packetPeer(srv.addr())
	at := strings.Repeat("x", 100)
	p.send(at, at+"y", strings.Repeat("z", 5000), "1")
	p.want(at, "1")
	srv.Drain(context.Background())
	if n := srv.Stats(); n.Truncated != 2 {
		w.Errorf("stats %+v", n)
	}
}

func packetOverrun(w *world) {
	srv := w.receive(engine.DatagramConfig{Single: true, Socket: engine.DatagramOptions{ReceiveBuffer: 4096}}, w.packetSink)
	s := srv.sink()
	r := srv.Remotes()[0]
	s.do(r, func(sock *datagram.Socket) { sock.SetReading(false) })
	p := w.packetPeer(srv.addr())
	for range 100 {
		p.send("some packet")
	}
	if n := srv.Stats(); n.Overrun == 0 {
		w.Errorf("stats %+v", n)
	}
	s.do(r, func(sock *datagram.Socket) {
		if n := sock.Stats(); n.Overrun == 0 {
			w.Errorf("stats of the socket %+v", n)
		}
		sock.SetReading(true)
	})
	s.next()
	srv.Close()
	if n := srv.Stats(); n.Overrun == 0 || n.Overrun+n.Received != 100 {
		w.Errorf("stats at last %+v", n)
	}
}

func packetPressure(w *world) {
	w.pool.Limit = 4 << 20
	srv := w.receive(engine.DatagramConfig{Single: true}, w.packetEcho)
	p := w.packetPeer(srv.addr())
	var kept []*buffer.Buf
	for !w.pool.Pressed() {
		kept = append(kept, w.pool.Alloc(64<<10))
	}
	for _, n := range []int{10, 0, 3000, 20_000} {
		data := string(pattern(n, 1))
		p.send(data)
		p.want(data)
	}
	for _, b := range kept {
		b.Release()
	}
	for range 50 {
		p.send("some", "more")
		p.want("some", "more")
	}
	w.wantErr("Err", srv.Err(), nil)
}
