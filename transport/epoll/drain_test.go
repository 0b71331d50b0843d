//go:build linux

package epoll

import (
	"io"
	"net"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// while runs f while the loop stands still, and then g on the loop, before it looks at any event.
func (g *group) while(t *testing.T, f, then func()) {
	t.Helper()
	standing, release := make(chan struct{}), make(chan struct{})
	g.loops[0].Do(func(error) {
		close(standing)
		<-release
		then()
	})
	await(t, "the loop to stand", standing)
	defer close(release) // also when f fails
	f()
}

// Draining reads what has come before it closes, without waiting for an event.
func TestDrainReadsFirst(t *testing.T) {
	g := startOne(t)
	s := echoSink()
	p := serve(t, g, "tcp", "127.0.0.1:0", channel.Options{})(s)
	c := s.conn()
	request := make([]byte, 50_000)
	g.while(t, func() {
		if _, err := p.Write(request); err != nil {
			t.Fatal(err)
		}
	}, func() { c.drain() })
	if got, err := io.ReadAll(p); len(got) != len(request) || err != nil {
		t.Errorf("got %d bytes and error %v, want %d and the end", len(got), err, len(request))
	}
	p.Close()
	if err := await(t, "Closed", s.closed); err != channel.ErrShutdown {
		t.Errorf("cause %v, want ErrShutdown", err)
	}
}

// A handler that panics while its channel is drained does not keep the others from being drained.
func TestDrainSurvivesPanics(t *testing.T) {
	g := startOne(t)
	connect := serve(t, g, "tcp", "127.0.0.1:0", channel.Options{})
	var peers []net.Conn
	var sinks []*sink
	for range 4 {
		s := newSink()
		s.read = func(*sink, *buffer.Buf) error { panic("boom") }
		peers, sinks = append(peers, connect(s)), append(sinks, s)
	}
	c := sinks[0].conn()
	g.while(t, func() {
		for _, p := range peers {
			io.WriteString(p, "go")
		}
	}, func() { g.loops[0].each(c.owner, 0, (*conn).drain) })
	for i, s := range sinks {
		io.Copy(io.Discard, peers[i])
		peers[i].Close()
		await(t, "Closed", s.closed)
	}
}

// A call for each connection is made for those behind one that panics too.
func TestEachSurvivesPanics(t *testing.T) {
	g := startOne(t)
	connect := serve(t, g, "tcp", "127.0.0.1:0", channel.Options{})
	var last *sink
	for range 4 {
		last = newSink()
		connect(last)
	}
	o := last.conn().owner
	called := make(chan int32, 10)
	g.loops[0].Do(func(error) {
		g.loops[0].each(o, 0, func(c *conn) {
			called <- c.fd
			panic("boom")
		})
	})
	seen := make(map[int32]bool)
	for range 4 {
		seen[await(t, "a call", called)] = true
	}
	if len(seen) != 4 {
		t.Errorf("%d of 4 connections were called", len(seen))
	}
}

// A listener that stops accepts what the kernel has completed, more than it takes in a turn.
func TestStopAccepts(t *testing.T) {
	const backlog = maxAccepts + 30
	g := startOne(t)
	connect, ln := rawServe(t, g, func(*channel.Channel) channel.Sink { return new(bareEcho) })
	var peers []rawPeer
	g.while(t, func() {
		for range backlog {
			peers = append(peers, connect())
		}
	}, func() {
		for _, s := range ln.(*listener).sockets {
			s.stop()
		}
	})
	for _, p := range peers {
		p.exchange(t, []byte("ping"), make([]byte, 4))
	}
	if n := ln.Conns(); n != backlog {
		t.Errorf("%d of %d connections were accepted", n, backlog)
	}
}
