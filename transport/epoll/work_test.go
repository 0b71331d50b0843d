//go:build linux

package epoll

import (
	"context"
	"log/slog"
	"math"
	"net"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// sink is the least that a test needs: what happens to input, and when the channel is closed.
type sink struct {
	ch     *channel.Channel
	open   func(*sink) error
	read   func(*sink, *buffer.Buf) error
	opened chan struct{}
	closed chan error
}

func newSink() *sink { return &sink{opened: make(chan struct{}), closed: make(chan error, 1)} }

func echoSink() *sink {
	s := newSink()
	s.read = func(s *sink, b *buffer.Buf) error { return s.ch.Write(b) }
	return s
}

func (s *sink) Open(ch *channel.Channel) error {
	s.ch = ch
	defer close(s.opened)
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

func (s *sink) ReadDone() error    { return nil }
func (s *sink) EOF() error         { return nil }
func (s *sink) Writable() error    { return nil }
func (s *sink) Closed(cause error) { s.closed <- cause }

// conn returns the connection of an open sink. It belongs to the loop.
func (s *sink) conn() *conn {
	l := s.ch.Loop().Engine.(*loop)
	for fd := range l.byFD.end() {
		if c := l.byFD.get(fd); c != nil && &c.Channel == s.ch {
			return c
		}
	}
	return nil
}

// startOne starts a group of one loop, which ends with the test.
func startOne(t testing.TB) *group {
	t.Helper()
	return startLimited(t, 0)
}

// startLimited is startOne with a pool that has a limit.
func startLimited(t testing.TB, limit int64) *group {
	t.Helper()
	pool := &buffer.Pool{Limit: limit}
	g, err := Engine{}.Start(engine.Config{Loops: 1, Pool: pool, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
	return g.(*group)
}

// serve listens, and returns a function that connects a peer to the sink s.
func serve(t testing.TB, g *group, network, addr string, o channel.Options) func(s channel.Sink) net.Conn {
	t.Helper()
	sinks := make(chan channel.Sink, 1)
	ln, err := g.Listen(context.Background(), engine.ListenConfig{
		Network: network, Addr: addr, Options: o.Prepare(), MaxConns: math.MaxInt,
		Accept: func(*channel.Channel) channel.Sink { return <-sinks },
	})
	if err != nil {
		t.Fatal(err)
	}
	return func(s channel.Sink) net.Conn {
		t.Helper()
		sinks <- s
		c, err := net.Dial(ln.Addr().Network(), ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		c.SetDeadline(time.Now().Add(patience))
		if s, ok := s.(*sink); ok {
			await(t, "Open", s.opened)
		}
		return c
	}
}

// on runs f on the loop and returns when it has run.
func (g *group) on(t testing.TB, f func()) {
	t.Helper()
	ran := make(chan struct{})
	g.loops[0].Do(func(err error) {
		if err == nil {
			f()
		}
		close(ran)
	})
	await(t, "a call on the loop", ran)
}

func await[T any](t testing.TB, what string, c <-chan T) T {
	t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case v := <-c:
		return v
	case <-timer.C:
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

// eventually waits for what nobody reports.
func eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(patience); !cond(); <-ticker.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// quiet fails if the loop does not rest: between two of its own calls it must wait for events a few times, not
// thousands of times.
func (g *group) quiet(t testing.TB, when string) {
	t.Helper()
	waits := func() (n uint64) {
		g.on(t, func() { n = g.loops[0].calls.Waits })
		return n
	}
	before := waits()
	timer := time.NewTimer(30 * time.Millisecond) // the subject: what a loop does while nothing happens
	<-timer.C
	if n := waits() - before; n > 10 {
		t.Errorf("%s: the loop woke up %d times in 30 ms", when, n)
	}
}
