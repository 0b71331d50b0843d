package transporttest

import (
	"context"
	"io"
	"net"
	"path/filepath"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var dialCases = []behaviour{
	{"Dial", "Dial opens a channel to a listener, and both sides talk", dialEcho},
	{"DialUnix", "Dial connects to a Unix socket", dialUnix},
	{"DialOn", "Dial opens the channel on the loop it was told", dialOn},
	{"DialItself", "a group dials a listener of its own", dialItself},
}

// host is a listener of package net, for an engine to dial.
type host struct {
	net.Listener
	w *world
}

func (w *world) host(network, addr string) *host {
	w.Helper()
	ln, err := w.suite.Listen(network, addr)
	if err != nil {
		w.Fatalf("peer: %v", err)
	}
	w.atEnd(func() { ln.Close() })
	return &host{ln, w}
}

// accept returns the next connection.
func (h *host) accept() *peer {
	h.w.Helper()
	c, err := h.Accept()
	if err != nil {
		h.w.Fatalf("peer: %v", err)
	}
	return h.w.newPeer(c)
}

// dial dials addr with the group and returns the sink of the open channel.
func (w *world) dial(addr net.Addr, loop *channel.Loop) *sink {
	w.Helper()
	s := w.echo()
	r, err := w.start().Dial(context.Background(), w.dialConfig(addr, loop, s))
	if err != nil {
		w.Fatalf("Group.Dial: %v", err)
	}
	await(w, "Open", s.opened)
	if r != s.remote {
		w.Errorf("Dial returned another Remote than that of the channel")
	}
	return s
}

func (w *world) dialConfig(addr net.Addr, loop *channel.Loop, s *sink) engine.DialConfig {
	return engine.DialConfig{
		Network: addr.Network(), Addr: addr.String(), Loop: loop, Options: channel.Options{}.Prepare(),
		Open: func(*channel.Channel) channel.Sink {
			if s == nil {
				return nil
			}
			return s
		},
	}
}

// talk checks that a dialed echo channel works, and ends it.
func talk(w *world, p *peer, s *sink) {
	w.Helper()
	data := pattern(100_000, 1)
	sent := p.sending(data)
	p.want(data)
	if err := await(w, "the peer to have sent all", sent); err != nil {
		w.Errorf("peer: %v", err)
	}
	p.endStream()
	if _, err := io.ReadAll(p); err != nil {
		w.Errorf("peer: %v", err)
	}
	if err := s.cause(); err != nil {
		w.Errorf("cause %v, want nil", err)
	}
}

func dialEcho(w *world) {
	h := w.host("tcp", "127.0.0.1:0")
	for range 5 {
		s := w.dial(h.Addr(), nil)
		talk(w, h.accept(), s)
	}
}

func dialUnix(w *world) {
	h := w.host("unix", filepath.Join(w.shortDir(), "s"))
	s := w.dial(h.Addr(), nil)
	talk(w, h.accept(), s)
}

func dialOn(w *world) {
	w.loops = 3
	h := w.host("tcp", "127.0.0.1:0")
	for i, loop := range w.start().Loops() {
		for range 2 {
			s := w.dial(h.Addr(), loop)
			s.do(func(ch *channel.Channel) {
				if ch.Loop() != loop {
					w.Errorf("the channel is not on loop %d", i)
				}
			})
			talk(w, h.accept(), s)
		}
	}
}

func dialItself(w *world) {
	srv := w.listen(setup{}, w.echo)
	s := w.newSink()
	r, err := w.group.Dial(context.Background(), w.dialConfig(srv.Addr(), nil, s))
	if err != nil {
		w.Fatalf("Group.Dial: %v", err)
	}
	b := w.pool.Alloc(5)
	b.PutString("hello")
	if err := r.Write(b); err != nil {
		w.Errorf("Write: %v", err)
	}
	w.eventually("the echo", func() bool { return s.received.Load() == 5 })
	r.Close(nil)
	if err := s.cause(); err != nil {
		w.Errorf("cause %v, want nil", err)
	}
}
