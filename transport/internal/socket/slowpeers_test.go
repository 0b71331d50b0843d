//go:build linux

package socket_test

import (
	"math/rand/v2"
	"net"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// What peers do not take keeps little more memory in use than it has bytes, though it came in small pieces, from all of
// them in turn, into the same blocks.
func TestSlowPeersPinNoBlocks(t *testing.T) {
	const conns, rounds, size = 200, 60, 1400
	onEach(t, func(t *testing.T, v variant) {
		g := sockettest.Start(t, v.engine)
		ln := g.Listen(engine.ListenConfig{Socket: engine.SocketOptions{SendBuffer: 4 << 10}},
			func(*channel.Channel) channel.Sink { return sockettest.Echo() })
		var peers []net.Conn
		for range conns {
			p := g.Dial(ln)
			p.(*net.TCPConn).SetReadBuffer(2 << 10)
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
		var n, live int64
		sockettest.Eventually(t, "the queues to fill", func() bool {
			last := n
			n, live = queued(g), g.Pool.Stats().Live
			return n == last && n > conns*size
		})
		t.Logf("%d KiB are in use for %d KiB queued: %.2f", live>>10, n>>10, float64(live)/float64(n))
		if live > v.fixed+n+n/2 {
			t.Errorf("%d bytes are in use for %d queued", live, n)
		}
	})
}

// queued returns what waits to be sent by all connections of a group's first loop, in bytes.
func queued(g *sockettest.Group) (n int64) {
	g.On(func() {
		p := g.Loop.Poller
		for c, key := p.Next(0); c != nil; c, key = p.Next(key + 1) {
			n += int64(c.Queued())
		}
	})
	return n
}
