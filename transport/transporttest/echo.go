package transporttest

import (
	"net"
	"sync"
)

var echoCases = []behaviour{
	{"Echo", "what a peer sends comes back, whatever its size", echoSizes},
	{"NothingSent", "a peer that sends nothing and ends its stream is told of as Open, EOF, Closed", nothingSent},
	{"ByteByByte", "input that comes a byte at a time is delivered in order", byteByByte},
	{"ManyConnections", "many connections at once each get their own bytes", manyConnections},
	{"Fairness", "a peer that never stops sending does not keep the loop from the others", fairness},
}

func echoSizes(w *world) {
	srv := w.listen(setup{}, w.echo)
	p, s := srv.connect()
	total := 0
	for _, n := range []int{1, 2, 15, 16, 17, 1000, 4096, 65535, 65536, 65537, 200_001, 1 << 20, 5<<20 + 3} {
		data := pattern(n, uint64(n))
		total += n
		sent := p.sending(data)
		p.want(data)
		if err := await(w, "the peer to have sent all", sent); err != nil {
			w.Fatalf("peer: %v", err)
		}
	}
	p.endStream()
	p.wantEnd()
	if err := s.cause(); err != nil {
		w.Errorf("cause %v, want nil", err)
	}
	if n := s.received.Load(); n != int64(total) {
		w.Errorf("sink got %d bytes of %d", n, total)
	}
}

func nothingSent(w *world) {
	p, s := w.listen(setup{}, w.echo).connect()
	p.endStream()
	await(w, "EOF", s.ended)
	p.wantEnd()
	if err := s.cause(); err != nil {
		w.Errorf("cause %v, want nil", err)
	}
	if n := s.received.Load(); n != 0 {
		w.Errorf("%d bytes were delivered", n)
	}
}

func byteByByte(w *world) {
	p, _ := w.listen(setup{}, w.echo).connect()
	if tcp, ok := p.Conn.(*net.TCPConn); ok {
		tcp.SetNoDelay(true)
	}
	data := pattern(1500, 1)
	sent := make(chan error, 1)
	go func() {
		for i := range data {
			if _, err := p.Write(data[i : i+1]); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	p.want(data)
	if err := await(w, "the peer to have sent all", sent); err != nil {
		w.Fatalf("peer: %v", err)
	}
}

func manyConnections(w *world) {
	const conns, rounds = 48, 20
	srv := w.listen(setup{}, w.echo)
	var peers []*peer
	for range conns {
		peers = append(peers, srv.dial())
	}
	var wg sync.WaitGroup
	for i, p := range peers {
		wg.Go(func() {
			for round := range rounds {
				data := pattern(1+(i*rounds+round)*7, uint64(i*rounds+round))
				if _, err := p.Write(data); err != nil {
					w.Errorf("peer %d: %v", i, err)
					return
				}
				if err := p.compare(data); err != nil {
					w.Errorf("peer %d, round %d: %v", i, round, err)
					return
				}
			}
		})
	}
	wg.Wait()
	for range conns {
		srv.next()
	}
	if n := srv.Conns(); n != conns {
		w.Errorf("Listener.Conns is %d, want %d", n, conns)
	}
	for _, p := range peers {
		p.Close()
	}
	w.eventually("Listener.Conns to be 0", func() bool { return srv.Conns() == 0 })
}

func fairness(w *world) {
	srv := w.listen(setup{}, w.newSink) // drops its input
	for range w.loops {
		p, _ := srv.connect()
		flood := pattern(1<<20, 3)
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			for {
				if _, err := p.Write(flood); err != nil {
					return
				}
			}
		}()
		w.atEnd(func() {
			p.Close()
			<-stopped
		})
	}
	ping := w.bystanders()
	for range 20 {
		ping()
	}
}
