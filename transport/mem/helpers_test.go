package mem_test

import (
	"context"
	"io"
	"log/slog"
	"math"
	"net"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/mem"
)

var quiet = slog.New(slog.DiscardHandler)

// A sink is a channel.Sink made of functions. Those that are nil do nothing, and release what they are given.
type sink struct {
	ch     *channel.Channel
	open   func(*sink) error
	read   func(*sink, *buffer.Buf) error
	eof    func(*sink) error
	closed func(*sink, error)
}

func (s *sink) Open(ch *channel.Channel) error {
	s.ch = ch
	if s.open != nil {
		return s.open(s)
	}
	return nil
}

func (s *sink) Read(b *buffer.Buf) error {
	if s.read != nil {
		return s.read(s, b)
	}
	b.Release()
	return nil
}

func (s *sink) EOF() error {
	if s.eof != nil {
		return s.eof(s)
	}
	return nil
}

func (s *sink) Closed(cause error) {
	if s.closed != nil {
		s.closed(s, cause)
	}
}

func (s *sink) ReadDone() error { return nil }
func (s *sink) Writable() error { return nil }

// say writes text.
func (s *sink) say(text string) error {
	b := s.ch.Alloc(len(text))
	b.PutString(text)
	return s.ch.Write(b)
}

func echo(*channel.Channel) channel.Sink {
	return &sink{read: func(s *sink, b *buffer.Buf) error { return s.ch.Write(b) }}
}

// start starts a group, which is closed at the end of the test. In a bubble the test closes it itself before.
func start(t testing.TB, n *mem.Network, loops int) engine.Group {
	t.Helper()
	pool := buffertest.Pool(t)
	if _, ok := t.(*testing.B); ok {
		pool.LeakSample = -1
	}
	g, err := mem.Engine{Network: n}.Start(engine.Config{Loops: loops, Pool: pool, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Errorf("Group.Close: %v", err)
		}
	})
	return g
}

func listen(t testing.TB, g engine.Group, network, addr string, accept func(*channel.Channel) channel.Sink) engine.Listener {
	t.Helper()
	ln, err := g.Listen(context.Background(), engine.ListenConfig{
		Network: network, Addr: addr, Accept: accept, Options: channel.Options{}.Prepare(), MaxConns: math.MaxInt,
	})
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

func dialChannel(t testing.TB, g engine.Group, a net.Addr, s channel.Sink) channel.Remote {
	t.Helper()
	r, err := g.Dial(context.Background(), engine.DialConfig{
		Network: a.Network(), Addr: a.String(), Options: channel.Options{KeepReading: true}.Prepare(),
		Open: func(*channel.Channel) channel.Sink { return s },
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func dialPlain(t testing.TB, n *mem.Network, a net.Addr) *mem.Conn {
	t.Helper()
	c, err := n.Dial(a.Network(), a.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(*mem.Conn)
}

func send(t testing.TB, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

func want(t testing.TB, c net.Conn, text string) {
	t.Helper()
	p := make([]byte, len(text))
	if n, err := io.ReadFull(c, p); err != nil || string(p) != text {
		t.Fatalf("got %q and error %v, want %q", p[:n], err, text)
	}
}

// took fails unless exactly d has passed since a time, which is true in a bubble.
func took(t testing.TB, what string, since time.Time, d time.Duration) {
	t.Helper()
	if got := time.Since(since); got != d {
		t.Errorf("%s took %v, want exactly %v", what, got, d)
	}
}
