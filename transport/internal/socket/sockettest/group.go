//go:build linux

package sockettest

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
	"github.com/ropewalk/ropewalk/transport/internal/socket"
)

// A Group is a group of loops that belongs to a test. Its methods are called on the test's goroutine.
type Group struct {
	engine.Group
	Pool *buffer.Pool // of its loops
	Loop *socket.Loop // the first one
	t    testing.TB

	sinks []*Sink // to be checked at the end
}

// Start starts a group of one loop.
func Start(t testing.TB, e engine.Engine) *Group {
	t.Helper()
	return StartWith(t, e, engine.Config{})
}

// StartLimited is Start with a pool that has a limit, in bytes.
func StartLimited(t testing.TB, e engine.Engine, limit int64) *Group {
	t.Helper()
	return StartWith(t, e, engine.Config{Pool: &buffer.Pool{Limit: limit}})
}

// StartWith is Start with other settings: zero loops mean one, no pool one of its own, no logger none. The group and its pool are
// closed when the test ends.
func StartWith(t testing.TB, e engine.Engine, c engine.Config) *Group {
	t.Helper()
	if c.Loops == 0 {
		c.Loops = 1
	}
	if c.Pool == nil {
		c.Pool = new(buffer.Pool)
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	warm()
	before := inUse()
	eg, err := e.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	g := &Group{Group: eg, Pool: c.Pool, Loop: eg.Loops()[0].Engine.(*socket.Loop), t: t}
	t.Cleanup(func() {
		closed := make(chan error, 1)
		go func() { closed <- eg.Close() }()
		if err := Await(t, "the end of Group.Close", closed); err != nil {
			t.Error(err)
		}
		for _, s := range g.sinks {
			if err := s.Err(); err != nil {
				t.Errorf("sink: %v", err)
			}
		}
		if n := c.Pool.Live(); n != 0 {
			t.Errorf("%d buffers were not released", n)
		}
		if err := c.Pool.Close(); err != nil {
			t.Error(err)
		}
		before.check(t)
	})
	return g
}

// Listen listens on any port of 127.0.0.1, unless c says otherwise, and has accept make the sinks.
func (g *Group) Listen(c engine.ListenConfig, accept func(*channel.Channel) channel.Sink) engine.Listener {
	g.t.Helper()
	if c.Network == "" {
		c.Network, c.Addr = "tcp", "127.0.0.1:0"
	}
	if c.Options == nil {
		c.Options = channel.Options{}.Prepare()
	}
	if c.MaxConns == 0 {
		c.MaxConns = math.MaxInt
	}
	c.Accept = accept
	ln, err := g.Group.Listen(context.Background(), c)
	if err != nil {
		g.t.Fatal(err)
	}
	return ln
}

// Dial connects a peer to a listener. It is closed when the test ends, and waits for Patience at most.
func (g *Group) Dial(ln engine.Listener) net.Conn {
	g.t.Helper()
	c, err := net.Dial(ln.Addr().Network(), ln.Addr().String())
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(Patience))
	return c
}

// Serve listens, and returns a function that connects a peer to the sink s, and waits until that is open. What is wrong with the
// calls of a *Sink fails the test when it ends.
func (g *Group) Serve(network, addr string, o channel.Options) func(s channel.Sink) net.Conn {
	g.t.Helper()
	sinks := make(chan channel.Sink, 1)
	ln := g.Listen(engine.ListenConfig{Network: network, Addr: addr, Options: o.Prepare()},
		func(*channel.Channel) channel.Sink { return <-sinks })
	return func(s channel.Sink) net.Conn {
		g.t.Helper()
		sinks <- s
		c := g.Dial(ln)
		if s, ok := s.(*Sink); ok {
			g.Watch(s)
			Await(g.t, "Open", s.Opened)
		}
		return c
	}
}

// Watch has the test fail when it ends if something is wrong with the calls of a sink.
func (g *Group) Watch(s *Sink) { g.sinks = append(g.sinks, s) }

// On runs f on the loop and returns when it has run. If the loop has ended, f does not run.
func (g *Group) On(f func()) {
	g.t.Helper()
	ran := make(chan struct{})
	g.Loop.Do(func(err error) {
		if err == nil {
			f()
		}
		close(ran)
	})
	Await(g.t, "a call on the loop", ran)
}

// While runs f while the loop stands still, and then the other function on the loop, before it looks at any event.
func (g *Group) While(f, then func()) {
	g.t.Helper()
	standing, release := make(chan struct{}), make(chan struct{})
	g.Loop.Do(func(error) {
		close(standing)
		<-release
		then()
	})
	Await(g.t, "the loop to stand", standing)
	defer close(release) // also when f fails
	f()
}

// Calls returns what the loop has counted, as of now.
func (g *Group) Calls() (s engine.Stats) {
	g.t.Helper()
	g.On(func() { s = g.Loop.Calls.Stats })
	return s
}

// Quiet fails if the loop does not rest: between two of its own calls it must wait for events a few times, not thousands of
// times.
func (g *Group) Quiet(when string) {
	g.t.Helper()
	var n uint64
	for range 3 { // what was going on may take a moment to end
		before := g.Calls().Waits
		timer := time.NewTimer(30 * time.Millisecond) // the subject: what a loop does while nothing happens
		<-timer.C
		if n = g.Calls().Waits - before; n <= 10 {
			return
		}
	}
	g.t.Errorf("%s: the loop woke up %d times in 30 ms", when, n)
}

// Exhaust takes all memory of the group's pool, and returns what gives it back.
func (g *Group) Exhaust() (free func()) {
	var held []*buffer.Buf
	for n := 32 << 10; n > 0; n /= 2 {
		for b, err := g.Pool.TryAlloc(n); err == nil; b, err = g.Pool.TryAlloc(n) {
			held = append(held, b)
		}
	}
	return func() {
		for _, b := range held {
			b.Release()
		}
	}
}
