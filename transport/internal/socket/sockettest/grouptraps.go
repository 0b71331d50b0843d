//go:build linux

package sockettest

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var groupTraps = []trap{
	{"ListenAmidClose", listenAmidClose},
	{"ListenOnClosed", listenOnClosed},
	{"CloseBesideClose", closeBesideClose},
}

// short starts a group that the trap closes itself.
func short(t *testing.T, e engine.Engine, loops int) engine.Group {
	t.Helper()
	pool := new(buffer.Pool)
	g, err := e.Start(engine.Config{Loops: loops, Pool: pool, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// anywhere listens with a socket for each loop.
func anywhere(g engine.Group, addr string, accept func(*channel.Channel) channel.Sink) (engine.Listener, error) {
	return g.Listen(context.Background(), engine.ListenConfig{
		Network: "tcp", Addr: addr, ReusePort: true, MaxConns: 10, Options: channel.Options{}.Prepare(), Accept: accept,
	})
}

// listenAmidClose has somebody listen again and again while the group is closed: both come to an end.
func listenAmidClose(t *testing.T, e engine.Engine) {
	for range times(50) {
		g := short(t, e, 4)
		var some sync.WaitGroup
		some.Add(3)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for n := 0; ; n++ {
				_, err := anywhere(g, "127.0.0.1:0", bareEcho)
				if n < 3 {
					some.Done()
				}
				if err != nil && n >= 3 {
					return
				}
			}
		}()
		some.Wait()
		closed := make(chan error, 1)
		go func() { closed <- g.Close() }()
		Await(t, "the end of Group.Close", closed)
		Await(t, "Listen to fail", ended)
	}
}

// listenOnClosed listens on a closed group, at an address to which somebody connects all the time: nobody is accepted.
func listenOnClosed(t *testing.T, e engine.Engine) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	g := short(t, e, 1)
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	var peers sync.WaitGroup
	var ended atomic.Bool
	for range 4 {
		peers.Go(func() {
			for !ended.Load() {
				if c, err := net.Dial("tcp", addr); err == nil {
					c.(*net.TCPConn).SetLinger(0)
					c.Close()
				}
			}
		})
	}
	var accepted atomic.Int64
	for range times(500) {
		_, err := anywhere(g, addr, func(*channel.Channel) channel.Sink { accepted.Add(1); return new(BareEcho) })
		if !errors.Is(err, net.ErrClosed) && !errors.Is(err, unix.EADDRINUSE) {
			t.Errorf("Listen on a closed group: %v", err)
			break
		}
	}
	ended.Store(true)
	peers.Wait()
	if n := accepted.Load(); n > 0 {
		t.Errorf("a closed group has accepted %d connections", n)
	}
}

// closeBesideClose closes listeners while their group is closed.
func closeBesideClose(t *testing.T, e engine.Engine) {
	for range times(100) {
		g := short(t, e, 4)
		var listeners []engine.Listener
		for range 5 {
			ln, err := anywhere(g, "127.0.0.1:0", bareEcho)
			if err != nil {
				t.Fatal(err)
			}
			listeners = append(listeners, ln)
		}
		closed := make(chan error, len(listeners)+1)
		for _, ln := range listeners {
			go func() { closed <- ln.Close() }()
		}
		go func() { closed <- g.Close() }()
		for range cap(closed) {
			if err := Await(t, "Close", closed); err != nil {
				t.Error(err)
			}
		}
	}
}
