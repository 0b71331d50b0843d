package transporttest

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

var relayEndCases = []behaviour{
	{"RelayReset", "a reset of one side aborts the other with the same cause", relayReset},
	{"RelayAbort", "Abort of one channel aborts the other with the same cause", relayAbort},
	{"RelayClose", "Close of one channel closes the other, when all was sent", relayClose},
	{"RelayDrain", "a relay ends when its server drains, and both directions are silent", relayDrain},
	{"RelayIdle", "a relay that is silent for too long closes both channels", relayIdle},
	{"RelayMemory", "an idle relay, and one that has ended, keep no buffer", relayMemory},
	{"RelayPanics", "a sink that panics when it is put out of use closes both channels", relayPanics},
	{"RelayRefused", "a relay of channels that cannot be joined changes nothing", relayRefused},
}

func relayReset(w *world) {
	if !w.suite.Engine.Capabilities().Reset {
		return
	}
	for round := range 4 {
		j := w.relay(channel.RelayOptions{})
		one, other := j.a, j.b
		if round%2 == 1 {
			one, other = other, one
		}
		one.sendText("hello")
		other.wantText("hello")
		if round >= 2 { // with a stream under way that stands still
			one.sending(pattern(32<<20, 1))
			other.want(pattern(32<<20, 1)[:100_000])
		}
		one.reset()
		other.wantGone()
		if err := j.result(-1, -1); err == nil {
			w.Errorf("the relay has ended without a cause")
		}
	}
}

func relayAbort(w *world) {
	for round := range 4 {
		j := w.relay(channel.RelayOptions{})
		j.a.sendText("hello")
		j.b.wantText("hello")
		if round >= 2 { // with something that cannot leave
			j.a.sending(pattern(32<<20, 1))
			j.b.want(pattern(32<<20, 1)[:100_000])
		}
		s := j.sa
		if round%2 == 1 {
			s = j.sb
		}
		s.do(func(ch *channel.Channel) { ch.Abort(errCause) })
		j.a.wantGone()
		j.b.wantGone()
		if err := j.result(-1, -1); err != errCause {
			w.Errorf("the relay has ended with %v, want the cause of Abort", err)
		}
	}
}

func relayClose(w *world) {
	j := w.relay(channel.RelayOptions{})
	j.a.sendText("hello")
	j.b.wantText("hello")
	last := pattern(2<<20, 1)
	j.sa.do(func(ch *channel.Channel) {
		j.sb.ch.Write(j.sb.bytes(last))
		ch.Write(j.sa.text("bye"))
		ch.Close(errCause)
	})
	j.a.wantText("bye")
	j.a.wantEnd()
	j.b.want(last)
	j.b.wantEnd()
	j.a.Close()
	j.b.Close()
	if err := j.result(5, 0); err != errCause {
		w.Errorf("the relay has ended with %v, want the cause of Close", err)
	}
}

func relayDrain(w *world) {
	j := w.relay(channel.RelayOptions{})
	drained := make(chan error, 1)
	go func() { drained <- w.group.Drain(context.Background()) }()
	for range 5 { // not silent
		j.a.sendText("ping")
		j.b.wantText("ping")
		j.b.sendText("pong")
		j.a.wantText("pong")
	}
	j.a.wantEnd()
	j.b.wantEnd()
	j.a.Close()
	j.b.Close()
	if err := await(w, "Drain", drained); err != nil {
		w.Errorf("Drain: %v", err)
	}
	if err := j.result(20, 20); err != channel.ErrShutdown {
		w.Errorf("the relay has ended with %v, want ErrShutdown", err)
	}
}

func relayIdle(w *world) {
	j := w.relay(channel.RelayOptions{Idle: 50 * time.Millisecond})
	j.a.wantEnd()
	j.b.wantEnd()
	j.a.Close()
	j.b.Close()
	if err := j.result(0, 0); err != channel.ErrRelayIdle {
		w.Errorf("the relay has ended with %v, want ErrRelayIdle", err)
	}
}

func relayMemory(w *world) {
	const many = 8
	var all []*joint
	for range many {
		j := w.relay(channel.RelayOptions{})
		j.both(pattern(1<<20, 1), pattern(1<<20, 2))
		all = append(all, j)
	}
	w.eventually("the buffers to be free", func() bool { return w.pool.Live() == 0 })
	for _, j := range all {
		j.finish(1<<20, 1<<20)
	}
}

func relayPanics(w *world) {
	a := w.newSink()
	a.onClosed = func(*sink, error) { panic("out of use") }
	j := w.sides("tcp", a, w.newSink()).join(channel.RelayOptions{})
	j.a.wantGone()
	j.b.wantGone()
	j.a.Close()
	j.b.Close()
	if r := await(w, "the end of the relay", j.ended); r.Err == nil {
		w.Errorf("the relay has ended without a cause")
	}
}

func relayRefused(w *world) {
	j := w.sides("tcp", w.echo(), w.echo())
	third := w.dial(w.listen(setup{}, w.echo).Addr(), j.sa.ch.Loop())
	refused := func(what string, a, b *channel.Channel, want error) {
		err := channel.Relay(a, b, channel.RelayOptions{})
		if err == nil || want != nil && !errors.Is(err, want) {
			w.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	j.sa.do(func(ch *channel.Channel) {
		refused("a channel and itself", ch, ch, nil)
		third.ch.CloseWrite()
		refused("a channel that has ended its stream", ch, third.ch, channel.ErrClosed)
	})
	if w.loops > 1 {
		for _, l := range w.group.Loops() {
			if l != j.sa.ch.Loop() {
				other := w.dial(w.listen(setup{}, w.echo).Addr(), l)
				j.sa.do(func(ch *channel.Channel) { refused("channels of two loops", ch, other.ch, nil) })
			}
		}
	}
	for _, p := range []*peer{j.a, j.b} { // nothing has changed
		p.sendText("ping")
		p.wantText("ping")
	}
	j.join(channel.RelayOptions{})
	j.sa.do(func(ch *channel.Channel) { refused("channels that are relayed", ch, j.sb.ch, channel.ErrRelayed) })
	j.finish(0, 0)
	if _, err := io.Copy(io.Discard, j.a); err != nil {
		w.Error(err)
	}
}
