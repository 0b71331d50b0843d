package transporttest

import (
	"errors"
	"log/slog"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

var panicCases = []behaviour{
	{"PanicInRead", "a panic in Read closes that channel with a PanicError, and releases its input", panicInRead},
	{"PanicInOpen", "a panic in Open closes that channel", panicInOpen},
	{"PanicInReadDone", "a panic in ReadDone closes that channel", panicInReadDone},
	{"PanicInEOF", "a panic in EOF closes that channel", panicInEOF},
	{"PanicInWritable", "a panic in Writable closes that channel", panicInWritable},
	{"PanicInClosed", "a panic in Closed leaves nothing open", panicInClosed},
	{"PanicInTimer", "a panic in a timer closes the channel of the timer", panicInTimer},
	{"PanicInDo", "a panic in a call from another goroutine closes the channel of the call", panicInDo},
	{"PanicInAccept", "a panic while a sink is made refuses that connection", panicInAccept},
}

// panics runs a case in which make's sinks panic when provoke was called, and checks what is left.
func panics(w *world, accept func() *sink, provoke func(*peer, *sink)) {
	ping := w.bystanders()
	srv := w.listen(setup{}, accept)
	p, s := srv.connect()
	provoke(p, s)
	p.wantGone()
	p.Close()
	var pe *channel.PanicError
	if err := s.cause(); !errors.As(err, &pe) {
		w.Errorf("cause %v, want a PanicError", err)
	} else if pe.Value != "boom" || len(pe.Stack) == 0 {
		w.Errorf("PanicError of %v with %d bytes of stack", pe.Value, len(pe.Stack))
	}
	w.eventually("the connection to be gone", func() bool { return srv.Conns() == 0 })
	if w.log.count(slog.LevelError) == 0 {
		w.Errorf("nothing was logged")
	}
	ping()
}

func boom(*sink) error { panic("boom") }

func send(p *peer, _ *sink) { p.sendText("go") }

func nothing(*peer, *sink) {}

func panicInRead(w *world) {
	panics(w, func() *sink {
		s := w.newSink()
		s.onRead = func(s *sink, b *buffer.Buf) error { panic("boom") }
		return s
	}, send)
}

func panicInOpen(w *world) {
	panics(w, func() *sink { s := w.newSink(); s.onOpen = boom; return s }, nothing)
}

func panicInReadDone(w *world) {
	panics(w, func() *sink { s := w.echo(); s.onReadDone = boom; return s }, send)
}

func panicInEOF(w *world) {
	panics(w, func() *sink { s := w.newSink(); s.onEOF = boom; return s }, func(p *peer, _ *sink) { p.endStream() })
}

func panicInWritable(w *world) {
	panics(w, func() *sink { s := w.paused(); s.onWritable = boom; return s }, func(_ *peer, s *sink) { s.do(resume) })
}

func panicInTimer(w *world) {
	panics(w, func() *sink {
		s := w.newSink()
		s.onOpen = func(s *sink) error {
			s.ch.AfterFunc(time.Millisecond, func() { panic("boom") })
			return nil
		}
		return s
	}, nothing)
}

func panicInDo(w *world) {
	panics(w, w.newSink, func(_ *peer, s *sink) {
		s.remote.Do(func(*channel.Channel, error) { panic("boom") })
	})
}

func panicInClosed(w *world) {
	ping := w.bystanders()
	srv := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onClosed = func(*sink, error) { panic("boom") }
		return s
	})
	p, s := srv.connect()
	p.endStream()
	p.wantEnd()
	s.cause()
	w.eventually("the connection to be gone", func() bool { return srv.Conns() == 0 })
	ping()
}

func panicInAccept(w *world) {
	ping := w.bystanders()
	first := true // accepting is on one loop at a time
	srv := w.listen(setup{}, func() *sink {
		if first {
			first = false
			panic("boom")
		}
		return w.echo()
	})
	p := srv.dial()
	p.wantGone()
	w.eventually("the connection to be gone", func() bool { return srv.Conns() == 0 })
	ping()
	p, _ = srv.connect()
	p.sendText("ping")
	p.wantText("ping")
}
