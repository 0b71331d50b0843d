package transporttest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var shortageCases = []behaviour{
	{"ShortageOfOutput", "when what peers do not take fills the pool, reading pauses; the pool keeps its limit, and all arrives in the end", shortageOfOutput},
	{"ShortageOfHalves", "when the beginnings of messages fill the pool they are completed, one after the other", shortageOfHalves},
	{"ShortageAsked", "who asks for memory at the limit loses its own channel; the others wait, and go on when there is some", shortageAsked},
	{"ShortageDrain", "a server stops in time when there is no memory to read what has come", shortageDrain},
	{"ShortageOfGone", "peers that have gone are found out when the pool is at its limit, and their memory goes to others", shortageOfGone},
}

const shortLimit = 4 << 20

// starved waits until a channel had to wait for memory.
func (w *world) starved() {
	w.Helper()
	w.eventually("reading to pause for want of memory", func() bool { return w.group.Stats().Pauses > 0 })
}

// together runs f for each peer, at the same time, and fails if one of them does.
func (w *world) together(peers []*peer, f func(i int, p *peer) error) {
	w.Helper()
	var wg sync.WaitGroup
	for i, p := range peers {
		wg.Go(func() {
			if err := f(i, p); err != nil {
				w.Errorf("peer %d: %v", i, err)
			}
		})
	}
	wg.Wait()
}

func shortageOfOutput(w *world) {
	const conns, size = 64, 512 << 10
	w.pool.Limit = shortLimit
	srv := w.listen(setup{socket: engine.SocketOptions{SendBuffer: 16 << 10}}, w.echo)
	var peers []*peer
	var sent []<-chan error
	for i := range conns {
		p, _ := srv.connect()
		peers, sent = append(peers, p), append(sent, p.sending(pattern(size, uint64(i))))
	}
	if w.suite.Engine.Capabilities().SocketOptions { // else the system's buffers may hold it all
		w.starved()
	}
	w.together(peers, func(i int, p *peer) error { return errors.Join(p.compare(pattern(size, uint64(i))), <-sent[i]) })
	if s := w.pool.Stats(); s.Peak > shortLimit {
		w.Errorf("the pool held %d bytes, its limit is %d", s.Peak, int64(shortLimit))
	}
}

// whole is a sink that sends messages of a size back when they are complete.
func (w *world) whole(size int) func() *sink {
	return func() *sink {
		var kept []*buffer.Buf
		have := 0
		s := w.newSink()
		s.onRead = func(s *sink, b *buffer.Buf) error {
			kept = append(kept, b)
			s.ch.Keep()
			if have += b.Len(); have < size {
				s.ch.Lacks(size - have)
				return nil
			}
			for _, b := range kept {
				if err := s.ch.Write(b); err != nil {
					return err
				}
			}
			kept, have = nil, 0
			return nil
		}
		s.onClosed = func(*sink, error) {
			for _, b := range kept {
				b.Release()
			}
		}
		return s
	}
}

func shortageOfHalves(w *world) {
	const conns, size, half = 128, 64 << 10, 40 << 10
	w.pool.Limit = shortLimit
	srv := w.listen(setup{}, w.whole(size))
	var peers []*peer
	for i := range conns {
		p, _ := srv.connect()
		peers = append(peers, p)
		p.send(pattern(size, uint64(i))[:half])
	}
	w.starved()
	w.together(peers, func(i int, p *peer) error {
		data := pattern(size, uint64(i))
		if _, err := p.Write(data[half:]); err != nil {
			return err
		}
		return p.compare(data)
	})
}

// exhaust takes all memory of the pool, and returns what gives it back.
func (w *world) exhaust() (free func()) {
	var held []*buffer.Buf
	for n := 64 << 10; n > 0; n /= 2 {
		for b, err := w.pool.TryAlloc(n); err == nil; b, err = w.pool.TryAlloc(n) {
			held = append(held, b)
		}
	}
	return func() {
		for _, b := range held {
			b.Release()
		}
		held = nil
	}
}

func shortageAsked(w *world) {
	w.pool.Limit = shortLimit
	srv := w.listen(setup{}, w.echo)
	p, _ := srv.connect()
	greedy, s := srv.connect()
	free := w.exhaust()
	w.atEnd(func() { free() })
	s.remote.Do(func(ch *channel.Channel, _ error) { ch.Alloc(1 << 20) })
	greedy.wantEnd()
	greedy.Close()
	if err := s.cause(); !errors.Is(err, buffer.ErrLimit) {
		w.Errorf("cause %v, want ErrLimit", err)
	}
	p.sendText("ping")
	w.starved()
	free()
	p.wantText("ping")
}

func shortageDrain(w *world) {
	w.pool.Limit = shortLimit
	srv := w.listen(setup{}, w.echo)
	p, s := srv.connect()
	free := w.exhaust()
	w.atEnd(free)
	p.sendText("ping")
	w.starved()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	if err := srv.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
		w.Errorf("Drain: %v, want DeadlineExceeded", err)
	}
	if err := s.cause(); err != channel.ErrShutdown {
		w.Errorf("cause %v, want ErrShutdown", err)
	}
}

func shortageOfGone(w *world) {
	const conns, size = 16, 64 << 10
	w.loops = 1
	w.pool.Limit = shortLimit
	srv := w.listen(setup{}, w.whole(size))
	var gone []*peer
	for range conns {
		p, s := srv.connect()
		gone = append(gone, p)
		p.send(pattern(size/2, 1))
		w.eventually("half of a message", func() bool { return s.received.Load() == size/2 })
	}
	free := w.exhaust()
	w.atEnd(func() { free() })
	p, _ := srv.connect()
	p.send(pattern(size, 2))
	w.starved()
	for _, p := range gone {
		p.endStream()
	}
	p.want(pattern(size, 2))
}
