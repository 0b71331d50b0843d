//go:build linux

package socket_test

import (
	"io"
	"net"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/socket"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// zeroCopying returns a function that connects peers to a listener whose connections send without copies.
func zeroCopying(t testing.TB, g *sockettest.Group, network string, o engine.SocketOptions) func(*sockettest.Sink) *net.TCPConn {
	t.Helper()
	o.ZeroCopy = true
	sinks := make(chan *sockettest.Sink, 1)
	addr := "127.0.0.1:0"
	if network == "tcp6" {
		addr = "[::1]:0"
	}
	ln := g.Listen(engine.ListenConfig{
		Network: network, Addr: addr, Socket: o,
		Options: channel.Options{Marks: channel.Watermark{High: 64 << 20, Max: -1}}.Prepare(),
	}, func(*channel.Channel) channel.Sink { return <-sinks })
	return func(s *sockettest.Sink) *net.TCPConn {
		t.Helper()
		sinks <- s
		p := g.Dial(ln).(*net.TCPConn)
		g.Watch(s)
		sockettest.Await(t, "Open", s.Opened)
		return p
	}
}

// writeFlow writes n bytes of a flow, in buffers of a size.
func writeFlow(ch *channel.Channel, f *sockettest.Flow, n, size int) {
	for ; n > 0; n -= size {
		m := min(n, size)
		b := ch.Alloc(m)
		f.Fill(b.Tail(m)[:m])
		b.Commit(m)
		ch.Write(b)
	}
}

// wantFlow reads n bytes of a flow.
func wantFlow(t testing.TB, p io.Reader, f *sockettest.Flow, n int) {
	t.Helper()
	room := make([]byte, 64<<10)
	for n > 0 {
		m, err := p.Read(room[:min(n, len(room))])
		if err := f.Check(room[:m]); err != nil {
			t.Fatal(err)
		}
		if n -= m; err != nil && n > 0 {
			t.Fatalf("%d bytes are missing: %v", n, err)
		}
	}
}

// Large pieces arrive as they were written, their memory is given back when the peer has them, and the calls are counted.
func TestZeroCopy(t *testing.T) {
	for _, network := range []string{"tcp4", "tcp6"} {
		t.Run(network, func(t *testing.T) {
			onGroups(t, func(t *testing.T, g *sockettest.Group) {
				s := sockettest.NewSink()
				p := zeroCopying(t, g, network, engine.SocketOptions{})(s)
				var out, in sockettest.Flow
				for range 8 {
					g.On(func() {
						writeFlow(s.Channel, &out, 100, 100) // in front of the large ones, and copied
						writeFlow(s.Channel, &out, 3<<20, 64<<10)
					})
					wantFlow(t, p, &in, 100+3<<20)
				}
				sockettest.Eventually(t, "the memory to be given back", func() bool {
					g.On(func() {})
					return g.Pool.Live() == 0
				})
				st := g.Calls()
				if st.ZeroCopySends == 0 || st.ZeroCopyBytes != 8*3<<20 && st.ZeroCopyCopied < socket.TrialSends {
					t.Errorf("%d sends without a copy, %d bytes, %d copied", st.ZeroCopySends, st.ZeroCopyBytes, st.ZeroCopyCopied)
				}
				if st.WrittenBytes != 8*(100+3<<20) {
					t.Errorf("%d bytes written, want %d", st.WrittenBytes, 8*(100+3<<20))
				}
				if st.ZeroCopyCopied > st.ZeroCopySends {
					t.Errorf("%d of %d sends were copied", st.ZeroCopyCopied, st.ZeroCopySends)
				}
				g.Quiet("all was sent")
			})
		})
	}
}

// Pieces below the limit are copied.
func TestZeroCopyOnlyLarge(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.NewSink()
		p := zeroCopying(t, g, "tcp4", engine.SocketOptions{ZeroCopyBytes: 5000})(s)
		var out, in sockettest.Flow
		for _, c := range []struct {
			size  int
			sends uint64
		}{{4999, 0}, {5000, 1}, {100, 0}, {20000, 1}} {
			before := g.Calls().ZeroCopySends
			g.On(func() { writeFlow(s.Channel, &out, c.size, c.size) })
			wantFlow(t, p, &in, c.size)
			if n := g.Calls().ZeroCopySends - before; n != c.sends {
				t.Errorf("%d bytes: %d sends without a copy, want %d", c.size, n, c.sends)
			}
		}
	})
}

// Where the kernel copies all the same, as on loopback, a connection gives up asking for it.
func TestZeroCopyGivenUp(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.NewSink()
		p := zeroCopying(t, g, "tcp4", engine.SocketOptions{})(s)
		var out, in sockettest.Flow
		for range 2 * socket.TrialSends {
			g.On(func() { writeFlow(s.Channel, &out, 40_000, 40_000) })
			wantFlow(t, p, &in, 40_000)
			sockettest.Eventually(t, "the notice", func() bool {
				var n uint64
				g.On(func() { n = uint64(g.Pool.Live()) })
				return n == 0
			})
		}
		if n := g.Calls().ZeroCopySends; n < socket.TrialSends || n > socket.TrialSends+2 {
			t.Errorf("%d sends without a copy, want %d and no more", n, socket.TrialSends)
		}
		g.On(func() {
			if !s.Conn().ZeroCopyOff() {
				t.Error("it goes on")
			}
		})
	})
}

// Notices come for a channel that does not read as well, and do not keep the loop awake.
func TestZeroCopyWhilePaused(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.NewSink()
		p := zeroCopying(t, g, "tcp4", engine.SocketOptions{})(s)
		g.On(func() { s.Channel.SetReading(false) })
		var out, in sockettest.Flow
		for range 3 {
			g.On(func() { writeFlow(s.Channel, &out, 200_000, 50_000) })
			wantFlow(t, p, &in, 200_000)
			sockettest.Eventually(t, "the memory to be given back", func() bool {
				g.On(func() {})
				return g.Pool.Live() == 0
			})
			g.Quiet("paused")
		}
		io.WriteString(p, "input")
		g.Quiet("paused, input")
		g.On(func() { writeFlow(s.Channel, &out, 200_000, 50_000) })
		wantFlow(t, p, &in, 200_000)
		sockettest.Eventually(t, "the memory to be given back", func() bool {
			g.On(func() {})
			return g.Pool.Live() == 0
		})
	})
}

// Sending large pieces without a copy allocates nothing.
func TestZeroCopyAllocates(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		connect := zeroCopying(t, g, "tcp4", engine.SocketOptions{})
		var peers []*net.TCPConn
		for range 8 { // each soon gives up, on loopback
			s := sockettest.NewSink()
			s.OnRead = func(s *sockettest.Sink, b *buffer.Buf) error {
				b.Release()
				big := s.Channel.Alloc(40_000)
				big.PutZero(40_000)
				return s.Channel.Write(big)
			}
			peers = append(peers, connect(s))
		}
		ping, room := []byte{1}, make([]byte, 40_000)
		n := 0
		channeltest.NoAllocations(t, 50*len(peers), each(func() {
			p := peers[n%len(peers)]
			n++
			if _, err := p.Write(ping); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(p, room); err != nil {
				t.Fatal(err)
			}
		}))
		if sent := g.Calls().ZeroCopySends; sent < uint64(n*3/4) {
			t.Errorf("%d of %d messages were sent without a copy", sent, n)
		}
	})
}
