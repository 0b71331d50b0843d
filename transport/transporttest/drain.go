package transporttest

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

var drainCases = []behaviour{
	{"DrainIdle", "draining closes idle connections in order, with ErrShutdown, and accepts no more", drainIdle},
	{"DrainAnswers", "a request that had come before draining is answered", drainAnswers},
	{"DrainDelivers", "a reply that is under way is delivered before the connection closes", drainDelivers},
	{"DrainPaused", "requests of a peer that does not take its replies for a while are answered before the connection closes", drainPaused},
	{"DrainTimeout", "what is not done when the context ends is aborted, and its error returned", drainTimeout},
	{"DrainPanic", "a handler that panics while draining does not keep the others from being closed", drainPanic},
	{"DrainNothing", "draining without connections returns at once, and may be repeated", drainNothing},
}

func drainIdle(w *world) {
	srv := w.listen(setup{}, w.echo)
	var peers []*peer
	var sinks []*sink
	for range 6 {
		p, s := srv.connect()
		p.sendText("ping")
		p.wantText("ping")
		peers, sinks = append(peers, p), append(sinks, s)
	}
	drained := make(chan error, 1)
	go func() { drained <- srv.Drain(context.Background()) }()
	for _, p := range peers {
		p.wantEnd()
		p.Close()
	}
	if err := await(w, "Drain", drained); err != nil {
		w.Errorf("Drain: %v", err)
	}
	for _, s := range sinks {
		if err := s.cause(); err != channel.ErrShutdown {
			w.Errorf("cause %v, want ErrShutdown", err)
		}
	}
	if n := srv.Conns(); n != 0 {
		w.Errorf("Conns is %d after Drain", n)
	}
	if c, err := w.suite.Dial(srv.Addr().Network(), srv.Addr().String()); err == nil {
		c.Close()
		w.Errorf("a drained listener was connected to")
	}
}

func drainAnswers(w *world) {
	w.loops = 1
	srv := w.listen(setup{}, w.echo)
	p, s := srv.connect()
	// While the loop stands still the request comes, and a second connection with another one.
	standing, go_ := make(chan struct{}), make(chan struct{})
	s.remote.Do(func(*channel.Channel, error) {
		close(standing)
		<-go_
	})
	await(w, "the loop to stand", standing)
	request := pattern(100_000, 1)
	p.send(request)
	p2 := srv.dial()
	p2.sendText("me too")
	drained := make(chan error, 1)
	go func() { drained <- srv.Drain(context.Background()) }()
	close(go_)
	p.want(request)
	p.wantEnd()
	p.Close()
	p2.wantText("me too")
	p2.wantEnd()
	p2.Close()
	if err := await(w, "Drain", drained); err != nil {
		w.Errorf("Drain: %v", err)
	}
}

func drainDelivers(w *world) {
	reply := pattern(8<<20, 2)
	srv := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onRead = func(s *sink, b *buffer.Buf) error { b.Release(); return s.ch.Write(s.bytes(reply)) }
		return s
	})
	p, _ := srv.connect()
	p.sendText("go")
	p.want(reply[:1])
	drained := make(chan error, 1)
	go func() { drained <- srv.Drain(context.Background()) }()
	p.want(reply[1:])
	p.wantEnd()
	p.Close()
	if err := await(w, "Drain", drained); err != nil {
		w.Errorf("Drain: %v", err)
	}
}

// drainPaused fills both directions: what the kernel has taken from the peer has come before the drain, though nobody has
// read it.
func drainPaused(w *world) {
	srv := w.listen(setup{}, w.echo)
	p, s := srv.connect()
	data := pattern(big, 4)
	sent := make(chan int, 1)
	go func() {
		n, err := p.Write(data)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			w.Errorf("all %d bytes were taken from a peer that does not read: %v", n, err)
		}
		sent <- n
	}()
	w.eventually("reading to be paused", func() (halted bool) {
		s.do(func(ch *channel.Channel) { halted = ch.Halted() })
		return
	})
	p.SetWriteDeadline(time.Unix(1, 0))
	n := <-sent
	drained := make(chan error, 1)
	go func() { drained <- srv.Drain(context.Background()) }()
	p.want(data[:n])
	p.wantEnd()
	p.Close()
	if err := await(w, "Drain", drained); err != nil {
		w.Errorf("Drain: %v", err)
	}
}

func drainTimeout(w *world) {
	srv := w.listen(setup{options: channel.Options{Linger: time.Hour, Marks: channel.Watermark{Max: -1}}}, w.echo)
	p, s := srv.connect()
	idle, _ := srv.connect()
	s.do(func(ch *channel.Channel) { ch.Write(s.bytes(make([]byte, big))) })
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	if err := srv.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
		w.Errorf("Drain: %v, want DeadlineExceeded", err)
	}
	if n := srv.Conns(); n != 0 {
		w.Errorf("Conns is %d after Drain", n)
	}
	if err := s.cause(); err != channel.ErrShutdown {
		w.Errorf("cause %v, want ErrShutdown", err)
	}
	p.wantGone()
	idle.wantGone()
}

func drainPanic(w *world) {
	w.loops = 1
	srv := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onRead = func(*sink, *buffer.Buf) error { panic("boom") }
		return s
	})
	var peers []*peer
	_, s := srv.connect()
	for range 4 {
		p, _ := srv.connect()
		peers = append(peers, p)
	}
	standing, go_ := make(chan struct{}), make(chan struct{})
	s.remote.Do(func(*channel.Channel, error) {
		close(standing)
		<-go_
	})
	await(w, "the loop to stand", standing)
	for _, p := range peers {
		p.sendText("go")
	}
	drained := make(chan error, 1)
	go func() { drained <- srv.Drain(context.Background()) }()
	close(go_)
	for _, p := range w.peers {
		(&peer{p, w}).wantGone()
		p.Close()
	}
	if err := await(w, "Drain", drained); err != nil {
		w.Errorf("Drain: %v", err)
	}
}

func drainNothing(w *world) {
	srv := w.listen(setup{}, w.echo)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for range 20 { // a context that has ended changes nothing when there is nothing to wait for
		if err := srv.Drain(ended); err != nil {
			w.Fatalf("Drain: %v", err)
		}
	}
}
