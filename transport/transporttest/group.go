package transporttest

import (
	"context"
	"sync"

	"github.com/ropewalk/ropewalk/channel"
)

var groupCases = []behaviour{
	{"GroupDrain", "Group.Drain drains all listeners and what was dialed, at the same time", groupDrain},
	{"GroupClose", "Group.Close aborts what is open, with ErrShutdown, and all goroutines end", groupClose},
	{"GroupCloseTwice", "Close by several goroutines returns to each when the loops have stopped", groupCloseTwice},
	{"GroupLoops", "a group has as many loops as it was asked for", groupLoops},
}

func groupDrain(w *world) {
	h := w.host("tcp", "127.0.0.1:0")
	one := w.listen(setup{}, w.echo)
	two := w.listen(setup{}, w.echo)
	p1, s1 := one.connect()
	p2, s2 := two.connect()
	s3 := w.dial(h.Addr(), nil)
	p3 := h.accept()
	drained := make(chan error, 1)
	go func() { drained <- w.group.Drain(context.Background()) }()
	for _, p := range []*peer{p1, p2, p3} { // all end before any of them goes
		p.wantEnd()
	}
	for _, p := range []*peer{p1, p2, p3} {
		p.Close()
	}
	if err := await(w, "Drain", drained); err != nil {
		w.Errorf("Drain: %v", err)
	}
	for _, s := range []*sink{s1, s2, s3} {
		if err := s.cause(); err != channel.ErrShutdown {
			w.Errorf("cause %v, want ErrShutdown", err)
		}
	}
}

func groupClose(w *world) {
	srv := w.listen(setup{}, w.echo)
	var peers []*peer
	var sinks []*sink
	for range 8 {
		p, s := srv.connect()
		peers, sinks = append(peers, p), append(sinks, s)
	}
	sinks[0].do(func(ch *channel.Channel) { ch.Write(sinks[0].bytes(make([]byte, 4<<20))) })
	sinks[1].do(func(ch *channel.Channel) { ch.SetReading(false) })
	sinks[2].do(func(ch *channel.Channel) { ch.Close(errCause) })
	if err := w.group.Close(); err != nil {
		w.Errorf("Group.Close: %v", err)
	}
	for i, s := range sinks {
		want := channel.ErrShutdown
		if i == 2 {
			want = errCause
		}
		select {
		case err := <-s.closed:
			if err != want {
				w.Errorf("cause of channel %d is %v, want %v", i, err, want)
			}
		default:
			w.Errorf("channel %d is not closed when Group.Close has returned", i)
		}
	}
	for _, p := range peers {
		p.wantGone()
	}
}

func groupCloseTwice(w *world) {
	_, s := w.listen(setup{}, w.echo).connect()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := w.group.Close(); err != nil {
				w.Errorf("Group.Close: %v", err)
			}
			if err := s.remote.Close(nil); err != channel.ErrClosed {
				w.Errorf("a loop takes calls when Close has returned")
			}
		})
	}
	wg.Wait()
}

func groupLoops(w *world) {
	w.loops = 3
	if n := len(w.start().Loops()); n != 3 {
		w.Errorf("%d loops, want 3", n)
	}
}
