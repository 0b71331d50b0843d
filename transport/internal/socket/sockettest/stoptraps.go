//go:build linux

package sockettest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var stopTraps = []trap{
	{"CloseAmidAll", closeAmidAll},
	{"DrainAmidAll", drainAmidAll},
}

// busyGroup starts a group whose connections do all that connections do. stop ends what the peers do; all is the number of sinks
// that were made, and gone of those that were told of their end.
func busyGroup(t *testing.T, e engine.Engine, round int) (g *Group, all, gone *atomic.Int64, stop func()) {
	t.Helper()
	g = StartWith(t, e, engine.Config{Loops: 2})
	all, gone = new(atomic.Int64), new(atomic.Int64)
	count := func(s *Sink) *Sink {
		all.Add(1)
		s.OnClosed = func(*Sink, error) { gone.Add(1) }
		return s
	}
	var wg sync.WaitGroup
	var ended atomic.Bool
	lists := []engine.Listener{
		g.Listen(engine.ListenConfig{Options: unlimited.Prepare()}, func(*channel.Channel) channel.Sink { return count(Echo()) }),
		g.Listen(engine.ListenConfig{Network: "tcp", Addr: "127.0.0.1:0", ReusePort: true}, func(*channel.Channel) channel.Sink {
			s := count(NewSink())
			s.OnOpen = func(s *Sink) error { s.Channel.SetReading(false); return nil }
			return s
		}),
		g.Listen(engine.ListenConfig{Options: unlimited.Prepare()}, func(*channel.Channel) channel.Sink {
			s := count(NewSink())
			s.OnOpen = func(s *Sink) error {
				s.Channel.AfterFunc(time.Hour, func() {})
				return s.Channel.Write(new(Flow).Put(s.Channel, 2<<20))
			}
			return s
		}),
	}
	for i := range 24 {
		p := newTalk(g.Dial(lists[i%len(lists)]), uint32(i))
		rng := rand.New(rand.NewPCG(uint64(round), uint64(i)))
		switch i / len(lists) % 4 {
		case 0: // idle, or not reading
		case 1: // small messages, read or not
			wg.Go(func() {
				for i%len(lists) == 0 && p.exchange(1, 1+rng.IntN(50)) == nil {
				}
				for p.send(10) == nil {
				}
			})
		case 2: // a stream that is not read
			wg.Go(func() {
				for p.send(1+rng.IntN(100_000)) == nil {
				}
			})
		case 3: // resets
			if i%len(lists) == 0 {
				if err := p.exchange(few, 10); err != nil {
					t.Fatal(err)
				}
			}
			p.Conn.(*net.TCPConn).SetLinger(0)
			p.Close()
		}
	}
	wg.Go(func() { // who comes and goes
		for n := uint32(0); !ended.Load(); n++ {
			connectAndGo(lists[0], n, 100, n%2 == 0)
		}
	})
	wg.Go(func() { // what the group dials
		for n := 0; n < 100 && !ended.Load(); n++ {
			r, err := g.Group.Dial(context.Background(), engine.DialConfig{Network: "tcp", Addr: lists[0].Addr().String(),
				Options: channel.Options{}.Prepare(), Open: func(*channel.Channel) channel.Sink { return count(Echo()) }})
			if err != nil {
				return
			}
			if round%2 == 0 {
				r.Close(nil)
			}
		}
	})
	wg.Go(func() { // calls
		for !ended.Load() {
			var done sync.WaitGroup
			for range 50 {
				done.Add(1)
				g.Loop.Do(func(error) { done.Done() })
			}
			done.Wait()
		}
	})
	cleanup := sync.OnceFunc(func() {
		ended.Store(true)
		wg.Wait()
	})
	t.Cleanup(func() { ended.Store(true) })
	return g, all, gone, cleanup
}

// closeAmidAll closes groups whose connections receive, wait to send, are paused, come and go: every sink is told, and nothing is
// left, as the end of the test finds out.
func closeAmidAll(t *testing.T, e engine.Engine) {
	for round := range times(6) {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			g, all, gone, stop := busyGroup(t, e, round)
			for range round { // moments later
				g.On(func() {})
			}
			if err := g.Close(); err != nil {
				t.Error(err)
			}
			stop()
			if all, gone := all.Load(), gone.Load(); all != gone {
				t.Errorf("%d of %d sinks were told of their end", gone, all)
			}
		})
	}
}

// drainAmidAll is the same in order: those that do not end are aborted.
func drainAmidAll(t *testing.T, e engine.Engine) {
	for round := range times(4) {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			g, all, gone, stop := busyGroup(t, e, round)
			ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
			defer cancel()
			if err := g.Drain(ctx); err == nil {
				t.Error("Drain does not tell that connections were aborted")
			}
			if err := g.Close(); err != nil {
				t.Error(err)
			}
			stop()
			if all, gone := all.Load(), gone.Load(); all != gone {
				t.Errorf("%d of %d sinks were told of their end", gone, all)
			}
		})
	}
}
