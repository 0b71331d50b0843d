//go:build linux

package epoll

import (
	"io"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/socket"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// flags returns what a connection is registered for.
func flags(g *sockettest.Group, s *sockettest.Sink) (f socket.Flag) {
	g.On(func() { f = s.Conn().Flags & (socket.WantIn | socket.WantOut | socket.Deaf) })
	return f
}

// EPOLLOUT is asked for only while something waits to be sent, and what epoll is told follows the flags.
func TestOutputInterest(t *testing.T) {
	g := sockettest.Start(t, Engine{})
	s := sockettest.Echo()
	p := g.Serve("tcp", "127.0.0.1:0", channel.Options{Marks: channel.Watermark{Max: -1}})(s)
	for range 3 {
		if f := flags(g, s); f != socket.WantIn {
			t.Fatalf("idle: interest %b, want input only", f)
		}
		before := g.Calls().Control
		io.WriteString(p, "ping")
		io.ReadFull(p, make([]byte, 4))
		if f := flags(g, s); f != socket.WantIn {
			t.Fatalf("after an echo: interest %b, want input only", f)
		}
		if n := g.Calls().Control - before; n > 4 { // to wake the loop for this test
			t.Errorf("%d calls beside reads and writes for an echo", n)
		}
		const size = 32 << 20
		g.On(func() {
			b := s.Channel.Alloc(size)
			b.PutZero(size)
			s.Channel.Write(b)
		})
		sockettest.Eventually(t, "the socket to be full", func() bool { return flags(g, s)&socket.WantOut != 0 })
		if _, err := io.CopyN(io.Discard, p, size); err != nil {
			t.Fatal(err)
		}
		sockettest.Eventually(t, "the interest in output to end", func() bool { return flags(g, s) == socket.WantIn })
	}
}

// A hang-up is reported whatever a socket is registered for: the loop takes it off epoll's list, and puts it back when it
// wants to read or write.
func TestHangUpIsHeardOnce(t *testing.T) {
	g := sockettest.Start(t, Engine{})
	connect := g.Serve("unix", filepath.Join(t.TempDir(), "s"), channel.Options{})
	s := sockettest.NewSink()
	s.OnOpen = func(s *sockettest.Sink) error { s.Channel.SetReading(false); return nil }
	p := connect(s)
	p.Close()
	sockettest.Eventually(t, "the hang-up", func() bool { return flags(g, s)&socket.Deaf != 0 })
	g.Quiet("hung up")
	g.On(func() {
		c, l := s.Conn(), g.Loop.Poller.(*poller)
		if err := l.control(unix.EPOLL_CTL_MOD, int(c.FD), 0); err == nil {
			t.Error("the socket is still registered")
		}
	})
	// Writing finds out that nobody is there.
	g.On(func() {
		b := s.Channel.Alloc(5)
		b.PutString("hello")
		s.Channel.Write(b)
	})
	if err := sockettest.Await(t, "Closed", s.Gone); err == nil {
		t.Errorf("cause nil, want an error of write")
	}
}

// A socket that was taken off epoll's list is put back when reading is resumed.
func TestDeafHearsAgain(t *testing.T) {
	g := sockettest.Start(t, Engine{})
	s := sockettest.NewSink()
	s.OnOpen = func(s *sockettest.Sink) error { s.Channel.SetReading(false); return nil }
	p := g.Serve("unix", filepath.Join(t.TempDir(), "s"), channel.Options{})(s)
	io.WriteString(p, "input")
	p.Close()
	sockettest.Eventually(t, "the hang-up", func() bool { return flags(g, s)&socket.Deaf != 0 })
	g.On(func() { s.Channel.SetReading(true) })
	if err := sockettest.Await(t, "Closed", s.Gone); err != nil {
		t.Errorf("cause %v, want nil", err)
	}
}
