package transporttest

import (
	"context"
	"errors"
	"syscall"
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

var dialFaultCases = []behaviour{
	{"DialRefused", "a refused Dial fails with the system's error and opens nothing", dialRefused},
	{"DialCanceled", "a Dial whose context is cancelled fails with its error and opens nothing", dialCanceled},
	{"DialTimeout", "a Dial that is not answered fails when its context ends", dialTimeout},
	{"DialNoSink", "a Dial for which no sink is made fails and closes the connection", dialNoSink},
	{"DialPanic", "a Dial whose sink panics when it is made fails and closes the connection", dialPanic},
	{"DialOpenFails", "a channel that fails in Open is closed with its error", dialOpenFails},
	{"DialForeign", "a Dial on a loop of another group, or of a network without streams, fails", dialForeign},
	{"DialAfterClose", "a closed group does not dial", dialAfterClose},
}

func dialRefused(w *world) {
	h := w.host("tcp", "127.0.0.1:0")
	h.Close()
	_, err := w.start().Dial(context.Background(), w.dialConfig(h.Addr(), nil, w.newSink()))
	if !errors.Is(err, syscall.ECONNREFUSED) {
		w.Errorf("Dial: %v, want ECONNREFUSED", err)
	}
}

func dialCanceled(w *world) {
	h := w.host("tcp", "127.0.0.1:0")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := w.start().Dial(ctx, w.dialConfig(h.Addr(), nil, w.newSink()))
	if !errors.Is(err, context.Canceled) {
		w.Errorf("Dial: %v, want context.Canceled", err)
	}
}

func dialTimeout(w *world) {
	h := w.host("tcp", "127.0.0.1:0")
	if own, ok := h.Listener.(interface{ SetBacklog(int) }); ok {
		own.SetBacklog(0)
	} else if !deafen(w, h) {
		w.Skip("no way to make a listener that does not answer")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := w.start().Dial(ctx, w.dialConfig(h.Addr(), nil, w.newSink()))
	if !errors.Is(err, context.DeadlineExceeded) {
		w.Errorf("Dial: %v, want context.DeadlineExceeded", err)
	}
}

func dialNoSink(w *world) {
	h := w.host("tcp", "127.0.0.1:0")
	if r, err := w.start().Dial(context.Background(), w.dialConfig(h.Addr(), nil, nil)); err == nil || r != (channel.Remote{}) {
		w.Errorf("Dial: %v, %v, want no Remote and an error", r, err)
	}
	h.accept().wantGone()
}

func dialPanic(w *world) {
	ping := w.bystanders()
	h := w.host("tcp", "127.0.0.1:0")
	c := w.dialConfig(h.Addr(), nil, nil)
	c.Open = func(*channel.Channel) channel.Sink { panic("boom") }
	if _, err := w.start().Dial(context.Background(), c); err == nil {
		w.Errorf("Dial: no error")
	}
	h.accept().wantGone()
	ping()
}

func dialOpenFails(w *world) {
	h := w.host("tcp", "127.0.0.1:0")
	s := w.newSink()
	s.onOpen = lastWords
	w.start().Dial(context.Background(), w.dialConfig(h.Addr(), nil, s)) // may fail or not: it was open, and is closed
	p := h.accept()
	p.wantText("last words")
	p.wantEnd()
	p.Close()
	if err := s.cause(); err != errCause {
		w.Errorf("cause %v, want what Open returned", err)
	}
}

func dialForeign(w *world) {
	h := w.host("tcp", "127.0.0.1:0")
	other := newWorld(w.T, w.suite)
	loop := other.start().Loops()[0]
	if _, err := w.start().Dial(context.Background(), w.dialConfig(h.Addr(), loop, w.newSink())); err == nil {
		w.Errorf("Dial on a loop of another group: no error")
	}
	if err := other.group.Close(); err != nil {
		w.Error(err)
	}
	if err := other.pool.Close(); err != nil {
		w.Error(err)
	}
	c := w.dialConfig(h.Addr(), nil, w.newSink())
	c.Network = "udp"
	if _, err := w.start().Dial(context.Background(), c); err == nil {
		w.Errorf("Dial of a datagram socket: no error")
	}
}

func dialAfterClose(w *world) {
	h := w.host("tcp", "127.0.0.1:0")
	if err := w.start().Close(); err != nil {
		w.Errorf("Group.Close: %v", err)
	}
	if _, err := w.group.Dial(context.Background(), w.dialConfig(h.Addr(), nil, w.newSink())); err == nil {
		w.Errorf("Dial on a closed group: no error")
	}
}
