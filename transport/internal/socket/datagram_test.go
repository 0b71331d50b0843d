//go:build linux

package socket_test

import (
	"context"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/epoll"
	"github.com/ropewalk/ropewalk/transport/transporttest"
	"github.com/ropewalk/ropewalk/transport/uring"
)

// onPacketEngines runs a test on each engine that the system lets start.
func onPacketEngines(t *testing.T, test func(t *testing.T, e engine.Engine)) {
	t.Run("epoll", func(t *testing.T) { test(t, epoll.Engine{}) })
	g, err := uring.Engine{}.Start(engine.Config{Loops: 1, Pool: new(buffer.Pool)})
	if err != nil {
		t.Logf("not on uring, which this system refuses: %v", err)
		return
	}
	g.Close()
	t.Run("uring", func(t *testing.T) { test(t, uring.Engine{}) })
}

func TestDatagramSuite(t *testing.T) { onPacketEngines(t, transporttest.RunDatagrams) }

// packetEcho sends back what it gets.
type packetEcho struct{ s *datagram.Socket }

func (e *packetEcho) Open(s *datagram.Socket) error      { e.s = s; return nil }
func (e *packetEcho) Receive(p datagram.Packet) error    { return e.s.Send(p) }
func (e *packetEcho) ReceiveDone() error                 { return nil }
func (e *packetEcho) Failed(netip.AddrPort, error) error { return nil }
func (e *packetEcho) Writable() error                    { return nil }
func (e *packetEcho) Closed(error)                       {}

// From the socket to the socket, with everything warm, packets make nothing on the heap.
func TestDatagramAllocs(t *testing.T) {
	onPacketEngines(t, func(t *testing.T, e engine.Engine) {
		for _, options := range []engine.DatagramOptions{{}, {PacketInfo: true, ReceiveTOS: true}, {NoOffload: true}} {
			const rounds, burst, most = 400, 16, 40 // the test's own reading may make something now and then
			if n := packetMallocs(t, e, options, rounds, burst); n > most {
				t.Errorf("%+v: %d objects for %d packets, want at most %d", options, n, rounds*burst, most)
			}
		}
	})
}

// packetMallocs echoes bursts of packets and returns how many objects that made.
func packetMallocs(t *testing.T, e engine.Engine, options engine.DatagramOptions, rounds, burst int) uint64 {
	pool := new(buffer.Pool)
	g, err := e.Start(engine.Config{Loops: 1, Pool: pool})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	}()
	ln, err := g.(engine.DatagramGroup).ListenDatagrams(context.Background(), engine.DatagramConfig{
		Network: "udp", Addr: ":0", Options: datagram.Options{}.Prepare(), Socket: options,
		Accept: func(*datagram.Socket) datagram.Sink { return new(packetEcho) },
	})
	if err != nil {
		t.Fatal(err)
	}
	to := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: ln.Addr().(*net.UDPAddr).Port}
	c, err := net.DialUDP("udp4", nil, to)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	buf := make([]byte, 100)
	echo := func(rounds int) {
		for range rounds {
			for i := range burst {
				if _, err := c.Write(buf[:10+i]); err != nil {
					t.Fatal(err)
				}
			}
			for i := range burst {
				if n, err := c.Read(buf); err != nil || n != 10+i {
					t.Fatalf("packet %d: %d bytes, %v", i, n, err)
				}
			}
		}
	}
	echo(rounds) // everything is warm then
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	echo(rounds)
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs
}
