//go:build linux

package sockettest

import (
	"math/rand/v2"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var pauseTraps = []trap{
	{"PauseAmidMessages", pauseAmidMessages},
	{"PauseAmidStream", pauseAmidStream},
	{"PauseByOthers", pauseByOthers},
	{"PauseFromOutside", pauseFromOutside},
	{"EndWhilePaused", endWhilePaused},
}

// moody returns a verified sink that pauses in one of five reads, and resumes in one of several ways. pauses counts.
func moody(stream uint32, pauses *atomic.Int64) *Sink {
	s := Verified(stream)
	rng := rand.New(rand.NewPCG(uint64(stream), 1))
	read := s.OnRead
	var timer *channel.Timer
	s.OnOpen = func(s *Sink) error {
		timer = s.Channel.AfterFunc(time.Hour, func() { s.Channel.SetReading(true) })
		return nil
	}
	s.OnRead = func(s *Sink, b *buffer.Buf) error {
		if err := read(s, b); err != nil {
			return err
		}
		ch := s.Channel
		switch rng.IntN(20) {
		case 0: // in the same call
			ch.SetReading(false)
			ch.SetReading(true)
		case 1: // in this turn or the next
			ch.SetReading(false)
			r := ch.Remote()
			r.Do(func(ch *channel.Channel, err error) {
				if err == nil {
					ch.SetReading(true)
				}
			})
		case 2: // soon
			ch.SetReading(false)
			timer.Reset(time.Duration(rng.IntN(300)) * time.Microsecond)
		case 3: // by another goroutine
			ch.SetReading(false)
			r := ch.Remote()
			go r.Do(func(ch *channel.Channel, err error) {
				if err == nil {
					ch.SetReading(true)
				}
			})
		default:
			return nil
		}
		pauses.Add(1)
		return nil
	}
	return s
}

// pauseAmidMessages pauses and resumes while small messages come one by one or a few at a time: what is on its way into memory
// of the engine when it stops to receive must come late, in order, and not while the channel is paused.
func pauseAmidMessages(t *testing.T, e engine.Engine) {
	const conns = 4
	g := Start(t, e)
	connect := g.Serve("tcp", "127.0.0.1:0", channel.Options{})
	var pauses atomic.Int64
	var peers []*talk
	for i := range uint32(conns) {
		peers = append(peers, newTalk(connect(moody(i, &pauses)), i))
	}
	want := int64(times(3000))
	Together(t, conns, func(i int) error {
		p, rng := peers[i], rand.New(rand.NewPCG(uint64(i), 2))
		for pauses.Load() < want {
			for n := max(rng.IntN(40)-20, 1); n > 0; n-- {
				if err := p.send(1 + rng.IntN(100)); err != nil {
					return err
				}
			}
			if err := p.receive(); err != nil {
				return err
			}
		}
		return p.end()
	})
}

// pauseAmidStream is the same with peers that wait for nothing.
func pauseAmidStream(t *testing.T, e engine.Engine) {
	const conns = 3
	g := Start(t, e)
	connect := g.Serve("tcp", "127.0.0.1:0", channel.Options{})
	var pauses atomic.Int64
	var peers []*talk
	for i := range uint32(conns) {
		peers = append(peers, newTalk(connect(moody(i, &pauses)), i))
	}
	Together(t, conns, func(i int) error {
		p, rng := peers[i], rand.New(rand.NewPCG(uint64(i), 3))
		if err := p.exchange(few, 30); err != nil {
			return err
		}
		sizes := make([]int, times(10_000))
		total := 0
		for i := range sizes {
			sizes[i] = 1 + rng.IntN(300)
			total += sizes[i]
		}
		sent := make(chan error, 1)
		go func() {
			for _, n := range sizes {
				if err := p.send(n); err != nil {
					sent <- err
					return
				}
			}
			sent <- nil
		}()
		if err := p.CheckFrom(total); err != nil {
			p.Close()
			return err
		}
		if err := <-sent; err != nil {
			return err
		}
		return p.end()
	})
	if pauses.Load() == 0 {
		t.Error("no channel has paused")
	}
}

// pauseByOthers has a channel that pauses go on when another one reads, in between of two events of its own: what the engine has kept for
// it comes before what is still to be read.
func pauseByOthers(t *testing.T, e engine.Engine) {
	g := Start(t, e)
	n := times(5 << 20)
	passed, done := Flow{Stream: 1}, make(chan struct{})
	rng := rand.New(rand.NewPCG(5, 5))
	pausing, resuming := NewSink(), NewSink()
	pausing.OnRead = func(s *Sink, b *buffer.Buf) error {
		defer b.Release()
		if err := passed.CheckBuf(b); err != nil {
			s.Fault("input: %w", err)
			return err
		}
		if passed.At == n {
			close(done)
		}
		if rng.IntN(8) == 0 {
			s.Channel.SetReading(false)
		}
		return nil
	}
	resuming.OnRead = func(_ *Sink, b *buffer.Buf) error {
		b.Release()
		if !pausing.Channel.Closing() {
			pausing.Channel.SetReading(true)
		}
		return nil
	}
	var peers []net.Conn
	sinks := make(chan *Sink, 1)
	ln := g.Listen(engine.ListenConfig{Socket: engine.SocketOptions{ReceiveBuffer: 4 << 10}}, func(*channel.Channel) channel.Sink {
		return <-sinks
	})
	for _, s := range []*Sink{pausing, resuming} {
		g.Watch(s)
		sinks <- s
		c := g.Dial(ln)
		Await(t, "Open", s.Opened)
		peers = append(peers, c)
	}
	Together(t, 2, func(i int) error {
		if i == 0 {
			out := Flow{Stream: 1}
			_, err := peers[0].Write(out.Next(n))
			return err
		}
		for {
			select {
			case <-done:
				return nil
			case <-pausing.Gone:
				return pausing.Err()
			default:
			}
			if _, err := peers[1].Write([]byte{1}); err != nil {
				return err
			}
		}
	})
}

// pauseFromOutside pauses and resumes between messages, not in reads, so that the channel rests when it is told.
func pauseFromOutside(t *testing.T, e engine.Engine) {
	g := Start(t, e)
	s := Verified(1)
	p := newTalk(g.Serve("tcp", "127.0.0.1:0", channel.Options{})(s), 1)
	if err := p.exchange(few, 40); err != nil {
		t.Fatal(err)
	}
	reading := func(on bool) { g.On(func() { s.Channel.SetReading(on) }) }
	rng := rand.New(rand.NewPCG(4, 4))
	for range times(1500) {
		switch rng.IntN(3) {
		case 0: // the message comes while the channel pauses
			reading(false)
			p.send(1 + rng.IntN(50))
			reading(true)
		case 1: // before it pauses, perhaps
			p.send(1 + rng.IntN(50))
			reading(false)
			reading(true)
		case 2: // before, while, and after
			p.send(1 + rng.IntN(50))
			g.On(func() { s.Channel.SetReading(false) })
			p.send(1 + rng.IntN(50))
			g.On(func() { s.Channel.SetReading(true); s.Channel.SetReading(false); s.Channel.SetReading(true) })
			p.send(1 + rng.IntN(50))
		}
		if err := p.receive(); err != nil {
			t.Fatal(err)
		}
	}
	// What nobody wants wakes nobody.
	reading(false)
	for range 20 {
		p.send(10)
	}
	g.Quiet("paused, with input")
	reading(true)
	if err := p.receive(); err != nil {
		t.Fatal(err)
	}
}

// endWhilePaused has peers end or reset their stream behind data while the channel is paused.
func endWhilePaused(t *testing.T, e engine.Engine) {
	g := Start(t, e)
	connect := g.Serve("tcp", "127.0.0.1:0", channel.Options{})
	for round := range times(100) {
		s := Verified(uint32(round))
		p := newTalk(connect(s), uint32(round))
		if err := p.exchange(few, 20); err != nil {
			t.Fatal(err)
		}
		if round%2 == 0 {
			p.send(20) // is on its way while the channel pauses
		}
		g.On(func() { s.Channel.SetReading(false) })
		p.send(1 + round)
		early := make(chan struct{}, 1)
		g.On(func() { s.OnEOF = func(*Sink) error { early <- struct{}{}; return nil } })
		if err := p.Conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if round%10 == 0 {
			g.Quiet("paused, with input and the end")
		}
		g.On(func() {
			select {
			case <-early:
				t.Error("the end of the stream was told to a paused channel")
			default:
			}
			s.Channel.SetReading(true)
		})
		if err := p.receive(); err != nil {
			t.Fatal(err)
		}
		if err := Await(t, "Closed", s.Gone); err != nil {
			t.Fatalf("cause %v, want nil", err)
		}
	}
}
