//go:build linux

package epoll

import (
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// EPOLLOUT is asked for only while something waits to be sent: an idle socket is always writable.
func TestOutputInterest(t *testing.T) {
	g := startOne(t)
	connect := serve(t, g, "tcp", "127.0.0.1:0", channel.Options{Marks: channel.Watermark{Max: -1}})
	s := echoSink()
	p := connect(s)
	flags := func() (f flag) {
		g.on(t, func() { f = s.conn().flags & (wantIn | wantOut | deaf) })
		return f
	}
	for range 3 {
		if f := flags(); f != wantIn {
			t.Fatalf("idle: interest %b, want input only", f)
		}
		io.WriteString(p, "ping")
		io.ReadFull(p, make([]byte, 4))
		if f := flags(); f != wantIn {
			t.Fatalf("after an echo: interest %b, want input only", f)
		}
		const size = 32 << 20
		g.on(t, func() {
			b := s.ch.Alloc(size)
			b.PutZero(size)
			s.ch.Write(b)
		})
		eventually(t, "the socket to be full", func() bool { return flags()&wantOut != 0 })
		g.quiet(t, "peer does not read")
		if _, err := io.CopyN(io.Discard, p, size); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the interest in output to end", func() bool { return flags()&wantOut == 0 })
		g.quiet(t, "all was read")
	}
}

// A channel that does not read is not woken up by input, by the peer's end, or by its going.
func TestPausedRests(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			g := startOne(t)
			addr := "127.0.0.1:0"
			if network == "unix" {
				addr = filepath.Join(t.TempDir(), "s")
			}
			connect := serve(t, g, network, addr, channel.Options{})
			s := newSink()
			got := make(chan int, 10)
			s.open = func(s *sink) error { s.ch.SetReading(false); return nil }
			s.read = func(_ *sink, b *buffer.Buf) error { got <- b.Len(); b.Release(); return nil }
			p := connect(s)
			g.quiet(t, "paused")
			io.WriteString(p, "input")
			g.quiet(t, "paused, input")
			p.(interface{ CloseWrite() error }).CloseWrite()
			g.quiet(t, "paused, input, end")
			p.Close()
			g.quiet(t, "paused, input, peer gone")
			g.on(t, func() { s.ch.SetReading(true) })
			if n := await(t, "the input", got); n != 5 {
				t.Errorf("got %d bytes of input", n)
			}
			if err := await(t, "Closed", s.closed); err != nil {
				t.Errorf("cause %v, want nil", err)
			}
		})
	}
}

// A hang-up is reported whatever a socket is registered for: the loop takes it off epoll's list, and puts it back when it
// wants to read or write.
func TestHangUpIsHeardOnce(t *testing.T) {
	g := startOne(t)
	connect := serve(t, g, "unix", filepath.Join(t.TempDir(), "s"), channel.Options{})
	s := newSink()
	s.open = func(s *sink) error { s.ch.SetReading(false); return nil }
	p := connect(s)
	p.Close()
	eventually(t, "the hang-up", func() bool {
		var f flag
		g.on(t, func() { f = s.conn().flags })
		return f&deaf != 0
	})
	g.quiet(t, "hung up")
	// Writing finds out that nobody is there.
	g.on(t, func() {
		b := s.ch.Alloc(5)
		b.PutString("hello")
		s.ch.Write(b)
	})
	if err := await(t, "Closed", s.closed); err == nil {
		t.Errorf("cause nil, want an error of write")
	}
}

// A half-open channel whose peer has ended rests too.
func TestHalfOpenRests(t *testing.T) {
	g := startOne(t)
	connect := serve(t, g, "tcp", "127.0.0.1:0", channel.Options{HalfOpen: true})
	s := newSink()
	p := connect(s)
	p.(*net.TCPConn).CloseWrite()
	eventually(t, "the end of reading", func() bool {
		var on bool
		g.on(t, func() { on = s.conn().Reading() })
		return !on
	})
	g.quiet(t, "half open")
	g.on(t, func() { s.ch.Close(nil) })
	if err := await(t, "Closed", s.closed); err != nil {
		t.Errorf("cause %v, want nil", err)
	}
}

// While a closed channel waits for its peer, and while channels wait for memory to read into, the loop does little.
func TestStarvedAndLingeringRest(t *testing.T) {
	g := startLimited(t, 8<<20)
	connect := serve(t, g, "tcp", "127.0.0.1:0", channel.Options{Linger: time.Hour})
	s := newSink()
	p := connect(s)
	g.on(t, func() { s.ch.Close(nil) })
	g.quiet(t, "lingering")
	p.Close()
	await(t, "Closed", s.closed)

	free := g.exhaust()
	s = newSink()
	got := make(chan int, 1)
	s.read = func(_ *sink, b *buffer.Buf) error { got <- b.Len(); b.Release(); return nil }
	p = connect(s)
	io.WriteString(p, "input")
	eventually(t, "reading to pause", func() bool { return g.Stats().Pauses > 0 })
	g.quiet(t, "waiting for memory")
	free()
	if n := await(t, "the input", got); n != 5 {
		t.Errorf("got %d bytes of input", n)
	}
}
