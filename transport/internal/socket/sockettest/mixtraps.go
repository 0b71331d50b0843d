//go:build linux

package sockettest

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var mixTraps = []trap{
	{"SizesChange", sizesChange},
	{"ManyAtOnce", manyAtOnce},
	{"ManyReplies", manyReplies},
}

// sizesChange has peers whose messages are small for a while, then large, or anything, so that an engine which receives them in
// different ways goes from one to the other all the time; some of the sinks pause now and then.
func sizesChange(t *testing.T, e engine.Engine) {
	const conns = 6
	g := StartWith(t, e, engine.Config{Loops: 2})
	connect := g.Serve("tcp", "127.0.0.1:0", channel.Options{})
	var pauses atomic.Int64
	var peers []*talk
	for i := range uint32(conns) {
		s := Verified(i)
		if i%2 == 0 {
			s = moody(i, &pauses)
		}
		peers = append(peers, newTalk(connect(s), i))
	}
	Together(t, conns, func(i int) error {
		p, rng := peers[i], rand.New(rand.NewPCG(uint64(i), 8))
		for phase := range times(60) {
			var err error
			switch rng.IntN(5) {
			case 0, 1: // small, one by one
				err = p.exchange(rng.IntN(60), 1+rng.IntN(100))
			case 2: // small, not waiting
				for range rng.IntN(60) {
					if err = p.send(1 + rng.IntN(100)); err != nil {
						break
					}
				}
				if err == nil {
					err = p.receive()
				}
			case 3: // around the size of a buffer
				err = p.exchange(rng.IntN(20), 4000+rng.IntN(200))
			case 4:
				err = p.pass(1 + rng.IntN(200<<10))
			}
			if err != nil {
				return fmt.Errorf("phase %d: %w", phase, err)
			}
		}
		return p.end()
	})
}

// manyAtOnce has more to tell in one turn than fits into a small queue of completions: messages, ends, resets and connections.
func manyAtOnce(t *testing.T, e engine.Engine) {
	const conns = 200
	g := Start(t, e)
	ln := g.Listen(engine.ListenConfig{}, bareEcho)
	var peers []*talk
	for i := range uint32(conns) {
		peers = append(peers, newTalk(g.Dial(ln), i))
	}
	Together(t, conns, func(i int) error { return peers[i].exchange(few, 10) })
	for range times(20) {
		g.While(func() {
			for _, p := range peers {
				if err := p.send(100); err != nil {
					t.Fatal(err)
				}
			}
		}, func() {})
		for _, p := range peers {
			if err := p.receive(); err != nil {
				t.Fatal(err)
			}
		}
	}
	more := 0
	g.While(func() {
		for i, p := range peers {
			switch i % 4 {
			case 0:
				p.send(10)
			case 1:
				p.send(10)
				p.Conn.(interface{ CloseWrite() error }).CloseWrite()
			case 2:
				p.Conn.(interface{ SetLinger(int) error }).SetLinger(0)
				p.Close()
			case 3:
				peers = append(peers, newTalk(g.Dial(ln), uint32(1000+i)))
				peers[len(peers)-1].send(10)
				more++
			}
		}
	}, func() {})
	for i, p := range peers {
		if i < conns && i%4 >= 2 {
			continue
		}
		if err := p.receive(); err != nil {
			t.Fatal(err)
		}
	}
	Eventually(t, "connections to be gone", func() bool { return ln.Conns() == conns/2+more })
}

// manyReplies has each of many messages of a turn answered by several pieces, to all connections, from one of them.
func manyReplies(t *testing.T, e engine.Engine) {
	const conns = 100
	g := Start(t, e)
	var sinks []*Sink // on the loop
	out := make([]Flow, conns)
	first := NewSink()
	first.OnRead = func(_ *Sink, b *buffer.Buf) error {
		defer b.Release()
		for range b.Len() {
			for i, s := range sinks {
				if err := s.Channel.Write(out[i].Put(s.Channel, 50)); err != nil {
					return err
				}
			}
		}
		return nil
	}
	connect := g.Serve("tcp", "127.0.0.1:0", unlimited)
	p := connect(first)
	var peers []*talk
	for i := range uint32(conns) {
		s := NewSink()
		peers = append(peers, newTalk(connect(s), i))
		out[i].Stream = i
		g.On(func() { sinks = append(sinks, s) })
	}
	for round := range times(50) {
		if _, err := p.Write(make([]byte, 1+round%20)); err != nil {
			t.Fatal(err)
		}
		for _, p := range peers {
			if err := p.CheckFrom(50 * (1 + round%20)); err != nil {
				t.Fatal(err)
			}
		}
	}
}
