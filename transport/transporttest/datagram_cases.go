package transporttest

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var packetCases = []behaviour{
	{"Echo", "a packet of any size comes back as it was, whatever the family", packetSizes},
	{"ManyPeers", "each of many peers gets its own packets", packetPeers},
	{"Spread", "each loop has a socket, and the packets of a peer come to the same one", packetSpread},
	{"Single", "one socket is opened when that is asked for", packetSingle},
	{"Burst", "packets of one size to one peer, which may leave together, arrive one by one", packetBurst},
	{"Mixed", "packets of different sizes to different peers keep their bounds", packetMixed},
	{"Segments", "packets that the kernel has received as one are delivered one by one", packetSegments},
	{"Connected", "a connected socket hears its peer and nobody else", packetConnected},
	{"Remote", "other goroutines send through the value that the listener gives them", packetRemote},
	{"Pause", "while reading is paused packets wait, and come afterwards", packetPause},
}

func packetSizes(w *world) {
	for _, c := range []engine.DatagramConfig{
		{Network: "udp4", Addr: "127.0.0.1:0"},
		{Network: "udp6", Addr: "[::1]:0"},
		{Network: "udp", Addr: ":0"},
		{Network: "udp4", Addr: "127.0.0.1:0", Socket: engine.DatagramOptions{NoOffload: true}},
	} {
		srv := w.receive(c, w.packetEcho)
		to := srv.addr()
		if to.Addr().IsUnspecified() { // by IPv4, to a socket of IPv6
			to = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), to.Port())
		}
		p := w.packetPeer(to)
		for range 2 {
			for _, n := range []int{0, 1, 15, 64, 1472, 2048, 2049, 9000, 30_000, 65_507, 3} {
				data := string(pattern(n, uint64(n)))
				p.send(data)
				p.want(data)
			}
		}
		srv.Close()
	}
}

func packetPeers(w *world) {
	srv := w.receive(engine.DatagramConfig{}, w.packetEcho)
	var wg sync.WaitGroup
	for i := range 32 {
		p := w.packetPeer(srv.addr())
		wg.Go(func() {
			for n := range 40 {
				data := fmt.Sprintf("peer %d packet %d %s", i, n, strings.Repeat("x", n*17%90))
				if _, err := p.Write([]byte(data)); err != nil {
					w.Errorf("peer %d: %v", i, err)
					return
				}
				if got, err := p.tryNext(patience); got != data || err != nil {
					w.Errorf("peer %d: got %s, %v, want %s", i, brief(got), err, brief(data))
					return
				}
			}
		})
	}
	wg.Wait()
	srv.Drain(context.Background())
	if s := srv.Stats(); s.Received != 32*40 || s.Sent != 32*40 || s.Lost+s.Refused+s.Rejected+s.Truncated+s.Overrun != 0 {
		w.Errorf("stats %+v", s)
	}
}

func packetSpread(w *world) {
	var mu sync.Mutex
	sockets := make(map[netip.AddrPort]map[*packetSink]bool)
	used := make(map[*packetSink]bool)
	srv := w.receive(engine.DatagramConfig{}, func() *packetSink {
		s := w.packetSink()
		s.onReceive = func(s *packetSink, p datagram.Packet) error {
			mu.Lock()
			defer mu.Unlock()
			if sockets[p.Peer] == nil {
				sockets[p.Peer] = make(map[*packetSink]bool)
			}
			sockets[p.Peer][s], used[s] = true, true
			return s.s.Send(p)
		}
		return s
	})
	if n := len(srv.Remotes()); n != w.loops {
		w.Errorf("%d sockets, want %d", n, w.loops)
	}
	for range 48 {
		p := w.packetPeer(srv.addr())
		for range 5 {
			p.send("x")
			p.want("x")
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for peer, by := range sockets {
		if len(by) != 1 {
			w.Errorf("packets of %v came to %d sockets", peer, len(by))
		}
	}
	if len(used) != w.loops || len(sockets) != 48 {
		w.Errorf("%d sockets of %d have received something, from %d peers", len(used), w.loops, len(sockets))
	}
}

func packetSingle(w *world) {
	srv := w.receive(engine.DatagramConfig{Single: true}, w.packetEcho)
	p := w.packetPeer(srv.addr())
	p.send("x")
	p.want("x")
	if n := len(srv.Remotes()); n != 1 {
		w.Errorf("%d sockets", n)
	}
}

func packetBurst(w *world) {
	for _, offload := range []bool{true, false} {
		srv := w.receive(engine.DatagramConfig{Single: true, Socket: engine.DatagramOptions{NoOffload: !offload}}, w.packetSink)
		s := srv.sink()
		p := w.packetPeer(srv.addr())
		var want []string
		for i := range 150 {
			want = append(want, fmt.Sprintf("%03d %s", i, strings.Repeat("y", 100-i/149*30)))
		}
		s.do(srv.Remotes()[0], func(*datagram.Socket) {
			for _, data := range want {
				if err := s.text(p.local(), data); err != nil {
					w.Errorf("WriteTo: %v", err)
				}
			}
		})
		p.want(want...)
		srv.Close()
	}
}

func packetMixed(w *world) {
	srv := w.receive(engine.DatagramConfig{Single: true}, w.packetSink)
	s := srv.sink()
	peers := []*packetPeer{w.packetPeer(srv.addr()), w.packetPeer(srv.addr()), w.packetPeer(srv.addr())}
	want := make([][]string, len(peers))
	s.do(srv.Remotes()[0], func(*datagram.Socket) {
		for i := range 200 {
			to := i * i / 7 % len(peers)
			data := fmt.Sprintf("%d %s", i, strings.Repeat("z", i/5*13%300))
			if i%11 == 0 {
				data = ""
			}
			want[to] = append(want[to], data)
			s.text(peers[to].local(), data)
		}
	})
	for i, p := range peers {
		p.want(want[i]...)
	}
}

func packetSegments(w *world) {
	srv := w.receive(engine.DatagramConfig{Single: true}, w.packetSink)
	s := srv.sink()
	p := w.packetPeer(srv.addr())
	const size, count = 1000, 41
	if !sendSegments(p.UDPConn, size) {
		w.Log("the system does not split packets; they are sent one by one")
		for i := range count {
			p.send(string(pattern(size, uint64(i))))
		}
	} else {
		for range 3 { // the later ones find a slot that is large enough
			var all []byte
			for i := range count {
				all = append(all, pattern(size, uint64(i))...)
			}
			p.send(string(all[:len(all)-1]))
			for i := range count {
				want := string(pattern(size, uint64(i)))
				if i == count-1 {
					want = want[:size-1]
				}
				if g := s.next(); g.data != want || g.Peer != p.local() {
					w.Fatalf("packet %d: %s from %v", i, brief(g.data), g.Peer)
				}
			}
		}
	}
}

func packetConnected(w *world) {
	p := w.packetPeerFrom(netip.MustParseAddrPort("127.0.0.1:0"), netip.AddrPort{})
	s := w.packetSink()
	r := w.connect(p.local().String(), s)
	var local netip.AddrPort
	s.do(r, func(sock *datagram.Socket) {
		if sock.Peer() != p.local() {
			w.Errorf("peer %v, want %v", sock.Peer(), p.local())
		}
		local = sock.Local()
		w.wantErr("WriteTo another peer", s.text(netip.MustParseAddrPort("127.0.0.1:9"), "x"), datagram.ErrConnected)
		for range 3 {
			b := sock.Alloc(4)
			b.PutString("ping")
			w.wantErr("Write", sock.Write(b), nil)
		}
	})
	p.want("ping", "ping", "ping")
	stranger := w.packetPeer(local)
	stranger.Write([]byte("from a stranger")) // the system may refuse it: nobody listens to it
	if _, err := p.WriteToUDPAddrPort([]byte("pong"), local); err != nil {
		w.Fatal(err)
	}
	if g := s.next(); g.data != "pong" || g.Peer != p.local() {
		w.Errorf("got %s from %v", brief(g.data), g.Peer)
	}
}

func packetRemote(w *world) {
	srv := w.receive(engine.DatagramConfig{}, w.packetSink)
	p := w.packetPeer(srv.addr())
	for i, r := range srv.Remotes() {
		data := fmt.Sprint("from goroutine to socket ", i)
		if err := r.WriteTo(buffer.Wrap(w.pool, []byte(data), nil), p.local()); err != nil {
			w.Errorf("Remote.WriteTo: %v", err)
		}
		p.want(data)
	}
	srv.Drain(context.Background())
	if n := len(srv.Remotes()); n != w.loops {
		w.Errorf("%d remotes after the end", n)
	}
}

func packetPause(w *world) {
	srv := w.receive(engine.DatagramConfig{Single: true}, w.packetSink)
	s := srv.sink()
	r := srv.Remotes()[0]
	p := w.packetPeer(srv.addr())
	s.do(r, func(sock *datagram.Socket) { sock.SetReading(false) })
	p.send("1", "2", "3")
	for range 3 { // turns of the loop, in which nothing must come
		s.do(r, func(*datagram.Socket) { never(w, "a packet", s.got) })
	}
	s.do(r, func(sock *datagram.Socket) { sock.SetReading(true) })
	for _, want := range []string{"1", "2", "3"} {
		if g := s.next(); g.data != want {
			w.Errorf("got %s, want %s", brief(g.data), want)
		}
	}
}
