//go:build linux

package socket_test

import (
	"io"
	"net"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/socket"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// connOf returns the connection of a sink.
func connOf(g *sockettest.Group, s *sockettest.Sink) (c *socket.Conn) {
	g.On(func() { c = s.Conn() })
	return c
}

// Draining reads what has come before it closes, without waiting for an event.
func TestDrainReadsFirst(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.Echo()
		p := g.Serve("tcp", "127.0.0.1:0", channel.Options{})(s)
		c := connOf(g, s)
		request := make([]byte, 50_000)
		g.While(func() {
			if _, err := p.Write(request); err != nil {
				t.Fatal(err)
			}
		}, func() { c.DrainNow() })
		if got, err := io.ReadAll(p); len(got) != len(request) || err != nil {
			t.Errorf("got %d bytes and error %v, want %d and the end", len(got), err, len(request))
		}
		p.Close()
		if err := sockettest.Await(t, "Closed", s.Gone); err != channel.ErrShutdown {
			t.Errorf("cause %v, want ErrShutdown", err)
		}
	})
}

// A handler that panics while its channel is drained does not keep the others from being drained.
func TestDrainSurvivesPanics(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		connect := g.Serve("tcp", "127.0.0.1:0", channel.Options{})
		var peers []net.Conn
		var sinks []*sockettest.Sink
		for range 4 {
			s := sockettest.NewSink()
			s.OnRead = func(*sockettest.Sink, *buffer.Buf) error { panic("boom") }
			peers, sinks = append(peers, connect(s)), append(sinks, s)
		}
		c := connOf(g, sinks[0])
		g.While(func() {
			for _, p := range peers {
				io.WriteString(p, "go")
			}
		}, func() { c.EachLike((*socket.Conn).DrainNow) })
		for i, s := range sinks {
			io.Copy(io.Discard, peers[i])
			peers[i].Close()
			sockettest.Await(t, "Closed", s.Gone)
		}
	})
}

// A call for each connection is made for those behind one that panics too.
func TestEachSurvivesPanics(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		connect := g.Serve("tcp", "127.0.0.1:0", channel.Options{})
		var last *sockettest.Sink
		for range 4 {
			last = sockettest.NewSink()
			connect(last)
		}
		c := connOf(g, last)
		called := make(chan int32, 10)
		g.Loop.Do(func(error) {
			c.EachLike(func(c *socket.Conn) {
				called <- c.FD
				panic("boom")
			})
		})
		seen := make(map[int32]bool)
		for range 4 {
			seen[sockettest.Await(t, "a call", called)] = true
		}
		if len(seen) != 4 {
			t.Errorf("%d of 4 connections were called", len(seen))
		}
	})
}

// A listener that stops accepts what the kernel has completed, more than it takes in a turn.
func TestStopAccepts(t *testing.T) {
	const backlog = socket.MaxAccepts + 30
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		connect, ln := g.ServeRaw(func(*channel.Channel) channel.Sink { return new(sockettest.BareEcho) })
		var peers []sockettest.RawPeer
		g.While(func() {
			for range backlog {
				peers = append(peers, connect())
			}
		}, func() { socket.StopAccepting(ln) })
		for _, p := range peers {
			p.Exchange(t, []byte("ping"), make([]byte, 4))
		}
		if n := ln.Conns(); n != backlog {
			t.Errorf("%d of %d connections were accepted", n, backlog)
		}
	})
}
