//go:build linux

package socket_test

import (
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/socket"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// Room for output is asked for only while something waits to be sent: an idle socket always has some.
func TestOutputInterest(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.Echo()
		p := g.Serve("tcp", "127.0.0.1:0", channel.Options{Marks: channel.Watermark{Max: -1}})(s)
		flags := func() (f socket.Flag) {
			g.On(func() { f = s.Conn().Flags & (socket.WantIn | socket.WantOut) })
			return f
		}
		for range 3 {
			if f := flags(); f != socket.WantIn {
				t.Fatalf("idle: interest %b, want input only", f)
			}
			io.WriteString(p, "ping")
			io.ReadFull(p, make([]byte, 4))
			if f := flags(); f != socket.WantIn {
				t.Fatalf("after an echo: interest %b, want input only", f)
			}
			const size = 32 << 20
			g.On(func() {
				b := s.Channel.Alloc(size)
				b.PutZero(size)
				s.Channel.Write(b)
			})
			sockettest.Eventually(t, "the socket to be full", func() bool { return flags()&socket.WantOut != 0 })
			g.Quiet("peer does not read")
			if _, err := io.CopyN(io.Discard, p, size); err != nil {
				t.Fatal(err)
			}
			sockettest.Eventually(t, "the interest in output to end", func() bool { return flags()&socket.WantOut == 0 })
			g.Quiet("all was read")
		}
	})
}

// A channel that does not read is not woken up by input, by the peer's end, or by its going.
func TestPausedRests(t *testing.T) {
	onEach(t, func(t *testing.T, v variant) {
		for _, network := range []string{"tcp", "unix"} {
			t.Run(network, func(t *testing.T) {
				g := sockettest.Start(t, v.engine)
				addr := "127.0.0.1:0"
				if network == "unix" {
					addr = filepath.Join(t.TempDir(), "s")
				}
				s := sockettest.NewSink()
				got := make(chan int, 10)
				s.OnOpen = func(s *sockettest.Sink) error { s.Channel.SetReading(false); return nil }
				s.OnRead = func(_ *sockettest.Sink, b *buffer.Buf) error { got <- b.Len(); b.Release(); return nil }
				p := g.Serve(network, addr, channel.Options{})(s)
				g.Quiet("paused")
				io.WriteString(p, "input")
				g.Quiet("paused, input")
				p.(interface{ CloseWrite() error }).CloseWrite()
				g.Quiet("paused, input, end")
				p.Close()
				g.Quiet("paused, input, peer gone")
				g.On(func() { s.Channel.SetReading(true) })
				if n := sockettest.Await(t, "the input", got); n != 5 {
					t.Errorf("got %d bytes of input", n)
				}
				if err := sockettest.Await(t, "Closed", s.Gone); err != nil {
					t.Errorf("cause %v, want nil", err)
				}
			})
		}
	})
}

// A paused channel whose peer hangs up rests, and finds out by writing that nobody is there.
func TestWriteAfterHangUp(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.NewSink()
		s.OnOpen = func(s *sockettest.Sink) error { s.Channel.SetReading(false); return nil }
		p := g.Serve("unix", filepath.Join(t.TempDir(), "s"), channel.Options{})(s)
		p.Close()
		g.Quiet("hung up")
		g.On(func() {
			b := s.Channel.Alloc(5)
			b.PutString("hello")
			s.Channel.Write(b)
		})
		if err := sockettest.Await(t, "Closed", s.Gone); err == nil {
			t.Errorf("cause nil, want an error of write")
		}
	})
}

// A half-open channel whose peer has ended rests too.
func TestHalfOpenRests(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.NewSink()
		p := g.Serve("tcp", "127.0.0.1:0", channel.Options{HalfOpen: true})(s)
		p.(*net.TCPConn).CloseWrite()
		sockettest.Eventually(t, "the end of reading", func() bool {
			var on bool
			g.On(func() { on = s.Conn().Reading() })
			return !on
		})
		g.Quiet("half open")
		g.On(func() { s.Channel.Close(nil) })
		if err := sockettest.Await(t, "Closed", s.Gone); err != nil {
			t.Errorf("cause %v, want nil", err)
		}
	})
}

// While a closed channel waits for its peer, and while channels wait for memory to read into, the loop does little.
func TestStarvedAndLingeringRest(t *testing.T) {
	onEach(t, func(t *testing.T, v variant) {
		g := sockettest.StartLimited(t, v.engine, 8<<20)
		connect := g.Serve("tcp", "127.0.0.1:0", channel.Options{Linger: time.Hour})
		s := sockettest.NewSink()
		p := connect(s)
		g.On(func() { s.Channel.Close(nil) })
		g.Quiet("lingering")
		p.Close()
		sockettest.Await(t, "Closed", s.Gone)

		free := g.Exhaust()
		s = sockettest.NewSink()
		got := make(chan int, 1)
		s.OnRead = func(_ *sockettest.Sink, b *buffer.Buf) error { got <- b.Len(); b.Release(); return nil }
		p = connect(s)
		io.WriteString(p, "input")
		sockettest.Eventually(t, "reading to pause", func() bool { return g.Stats().Pauses > 0 })
		g.Quiet("waiting for memory")
		free()
		if n := sockettest.Await(t, "the input", got); n != 5 {
			t.Errorf("got %d bytes of input", n)
		}
	})
}
