package mem_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/mem"
)

// play runs a crowd of clients and a server on some loops, and returns what happened when, as far as that was on the first.
// Clients send bursts of random sizes at random times, pause and resume, close or reset; so does the server. With an odd seed
// messages are so large that they are passed on in their buffers.
func play(t *testing.T, seed uint64, latency time.Duration, loops int) (journal []string) {
	synctest.Test(t, func(t *testing.T) {
		n := &mem.Network{Latency: latency, Buffer: 3000}
		most := 8000
		if seed%2 == 1 {
			n.Buffer, most = 50_000, 80_000
		}
		var mu sync.Mutex
		g := start(t, n, loops)
		begin := time.Now()
		over := make(chan struct{})
		var open atomic.Int64
		note := func(who, what string, v any) {
			mu.Lock()
			defer mu.Unlock()
			journal = append(journal, fmt.Sprintf("%v %s %s %v", time.Since(begin), who, what, v))
		}
		actor := func(who string, first time.Duration, dice *rand.Rand) *sink {
			left := 20
			var act func(s *sink)
			act = func(s *sink) {
				if left--; left < 0 {
					s.ch.Close(nil)
					return
				}
				switch d := dice.IntN(40); {
				case d == 0:
					note(who, "aborts", "")
					s.ch.Abort(nil)
				case d < 3:
					s.ch.CloseWrite()
				case d < 8:
					s.ch.SetReading(false)
				case d < 16:
					s.ch.SetReading(true)
				default:
					b := s.ch.Alloc(most)
					b.Write(make([]byte, 1+dice.IntN(most)))
					s.ch.Write(b)
				}
				if !s.ch.Closing() {
					s.ch.AfterFunc(time.Duration(dice.IntN(5))*time.Millisecond, func() { act(s) })
				}
			}
			return &sink{
				open: func(s *sink) error {
					open.Add(1)
					s.ch.AfterFunc(first-time.Since(begin), func() { note(who, "begins", s.ch.RemoteAddr()); act(s) })
					return nil
				},
				read: func(s *sink, b *buffer.Buf) error { note(who, "reads", b.Len()); b.Release(); return nil },
				eof:  func(*sink) error { note(who, "ends", ""); return nil },
				closed: func(_ *sink, err error) {
					note(who, "closes", err)
					if open.Add(-1) == 0 {
						close(over)
					}
				},
			}
		}
		var count atomic.Int64
		ln := listen(t, g, "tcp", ":80", func(*channel.Channel) channel.Sink {
			accepted := count.Add(1)
			return actor(fmt.Sprintf("server %d", accepted), time.Second+time.Duration(accepted), rand.New(rand.NewPCG(seed, uint64(accepted))))
		})
		// Dialing is up to this goroutine, not to the loop. So nobody moves before all are there, and no two at once.
		for i := range 20 {
			dialChannel(t, g, &net.TCPAddr{Port: 80}, actor(fmt.Sprintf("client %d", i), time.Second-time.Duration(i), rand.New(rand.NewPCG(seed, uint64(1000+i)))))
		}
		<-over
		if err := ln.Close(); err != nil {
			t.Error(err)
		}
		g.Close()
	})
	return journal
}

// The same input gives the same order of events at the same times.
func TestDeterminism(t *testing.T) {
	for _, latency := range []time.Duration{0, time.Millisecond} {
		for seed := range uint64(5) {
			one, two := play(t, seed, latency, 1), play(t, seed, latency, 1)
			if len(one) < 200 {
				t.Fatalf("only %d events", len(one))
			}
			if slices.Equal(one, two) {
				continue
			}
			for i := range min(len(one), len(two)) {
				if one[i] != two[i] {
					t.Fatalf("seed %d, latency %v: event %d of %d is %q the first time, %q the second", seed, latency, i, len(one), one[i], two[i])
				}
			}
			t.Fatalf("seed %d, latency %v: %d events the first time, %d the second", seed, latency, len(one), len(two))
		}
	}
}

// On several loops only what must be is checked: that all ends, and nothing is left.
func TestCrowd(t *testing.T) {
	for seed := range uint64(10) {
		play(t, seed, time.Duration(seed%3)*time.Millisecond, 3)
	}
}

// What was sent at the same time to several connections arrives in the order in which it was sent.
func TestArrivalOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &mem.Network{Latency: time.Millisecond}
		g := start(t, n, 1)
		var got []byte
		ln := listen(t, g, "mem", "", func(*channel.Channel) channel.Sink {
			return &sink{read: func(_ *sink, b *buffer.Buf) error {
				got = append(got, b.At(0))
				b.Release()
				return nil
			}}
		})
		var sent []byte
		var conns []*mem.Conn
		for range 20 {
			conns = append(conns, dialPlain(t, n, ln.Addr()))
		}
		synctest.Wait() // until they are accepted
		for i := range 20 {
			i = i * 7 % 20
			sent = append(sent, byte(i))
			conns[i].Write([]byte{byte(i)})
		}
		<-time.After(time.Second)
		synctest.Wait()
		if !slices.Equal(got, sent) {
			t.Errorf("arrived as %v, sent as %v", got, sent)
		}
	})
}

// A panic while a sink is made does not keep those from being accepted who came at the same time.
func TestPanicInAccept(t *testing.T) {
	n := new(mem.Network)
	g := start(t, n, 1)
	boom := true
	ln := listen(t, g, "mem", "", func(ch *channel.Channel) channel.Sink {
		if boom {
			boom = false
			panic("boom")
		}
		return echo(ch)
	})
	standing, goOn := make(chan struct{}), make(chan struct{})
	g.Loops()[0].Do(func(error) { close(standing); <-goOn })
	<-standing
	var conns []*mem.Conn
	for range 3 {
		conns = append(conns, dialPlain(t, n, ln.Addr()))
	}
	close(goOn)
	for _, c := range conns[1:] {
		c.SetDeadline(time.Now().Add(20 * time.Second))
		send(t, c, "ping")
		want(t, c, "ping")
	}
}
