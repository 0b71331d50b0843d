//go:build linux

package epoll

import (
	"context"
	"math"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// What peers do not take keeps little more memory in use than it has bytes, though it came in small pieces, from all of
// them in turn, into the same blocks.
func TestSlowPeersPinNoBlocks(t *testing.T) {
	const conns, rounds, size = 200, 60, 1400
	g := startOne(t)
	ln, err := g.Listen(context.Background(), engine.ListenConfig{
		Network: "tcp", Addr: "127.0.0.1:0", Options: channel.Options{}.Prepare(), MaxConns: math.MaxInt,
		Socket: engine.SocketOptions{SendBuffer: 4 << 10},
		Accept: func(*channel.Channel) channel.Sink { return echoSink() },
	})
	if err != nil {
		t.Fatal(err)
	}
	var peers []net.Conn
	for range conns {
		p, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		p.(*net.TCPConn).SetReadBuffer(2 << 10)
		p.SetDeadline(time.Now().Add(patience))
		peers = append(peers, p)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range rounds {
		for _, p := range peers {
			if r.IntN(3) > 0 {
				if _, err := p.Write(make([]byte, size)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	queued := func() (n int64) {
		g.on(t, func() {
			for fd := range g.loops[0].byFD.end() {
				if c := g.loops[0].byFD.get(fd); c != nil {
					n += int64(c.Queued())
				}
			}
		})
		return n
	}
	var n, live int64
	eventually(t, "the queues to fill", func() bool {
		last := n
		n, live = queued(), g.config.Pool.Stats().Live
		return n == last && n > conns*size
	})
	t.Logf("%d KiB are in use for %d KiB queued: %.2f", live>>10, n>>10, float64(live)/float64(n))
	if live > n+n/2 {
		t.Errorf("%d bytes are in use for %d queued", live, n)
	}
}
