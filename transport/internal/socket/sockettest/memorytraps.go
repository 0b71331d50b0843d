//go:build linux

package sockettest

import (
	"fmt"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var memoryTraps = []trap{
	{"Hoarder", hoarder},
	{"ShortOfMemory", shortOfMemory},
}

// hoarder has a sink that keeps all it gets, more pieces than an engine has buffers to receive into: others are served, nothing
// is lost, and what is kept stays as it is.
func hoarder(t *testing.T, e engine.Engine) {
	const others = 3
	g := Start(t, e)
	connect := g.Serve("tcp", "127.0.0.1:0", channel.Options{})
	var kept []*buffer.Buf
	s, in := NewSink(), Flow{}
	s.OnRead = func(s *Sink, b *buffer.Buf) error {
		s.Channel.Keep()
		kept = append(kept, b)
		if err := in.CheckBuf(b); err != nil {
			s.Fault("input: %w", err)
		}
		r := s.Channel.Alloc(b.Len())
		b.CopyAt(r.Tail(b.Len())[:b.Len()], 0)
		r.Commit(b.Len())
		return s.Channel.Write(r)
	}
	s.OnClosed = func(*Sink, error) {
		for _, b := range kept {
			b.Release()
		}
	}
	peers := []*talk{newTalk(connect(s), 0)}
	for i := range uint32(others) {
		peers = append(peers, newTalk(connect(Verified(1+i)), 1+i))
	}
	look := func() {
		g.On(func() {
			var again Flow
			for i, b := range kept {
				if err := again.CheckBuf(b); err != nil {
					s.Fault("piece %d of %d has changed: %w", i, len(kept), err)
					return
				}
			}
		})
	}
	for range 4 {
		Together(t, len(peers), func(i int) error {
			for n := range times(500) {
				if err := peers[i].exchange(1, 1+n%60); err != nil {
					return fmt.Errorf("peer %d: %w", i, err)
				}
			}
			return nil
		})
		look()
	}
	if err := peers[0].pass(200_000); err != nil { // pieces of other sizes
		t.Fatal(err)
	}
	look()
}

// shortOfMemory takes all memory away while the engine has some in which it receives.
func shortOfMemory(t *testing.T, e engine.Engine) {
	const conns = 8
	g := StartLimited(t, e, 16<<20)
	connect := g.Serve("tcp", "127.0.0.1:0", channel.Options{})
	var peers []*talk
	for i := range uint32(conns) {
		peers = append(peers, newTalk(connect(Verified(i)), i))
	}
	for round := range times(15) {
		Together(t, conns, func(i int) error { return peers[i].exchange(few, 30) })
		var free func()
		if round%2 == 0 {
			free = g.Exhaust()
			Together(t, conns, func(i int) error { // more pieces than an engine has buffers
				for range 100 {
					if err := peers[i].send(10 + i); err != nil {
						return err
					}
				}
				return nil
			})
		} else { // amid the messages
			Together(t, conns+1, func(i int) error {
				if i == conns {
					free = g.Exhaust()
					return nil
				}
				for range 100 {
					if err := peers[i].send(10 + 100*i); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if round == 0 {
			g.Quiet("short of memory, with input")
		}
		free()
		Together(t, conns, func(i int) error { return peers[i].receive() })
	}
}
