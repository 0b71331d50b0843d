package transporttest

import (
	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

var errorCases = []behaviour{
	{"ErrorFromOpen", "an error from Open closes the channel with it, after what was written", errorFromOpen},
	{"ErrorFromRead", "an error from Read closes the channel with it, after what was written", errorFromRead},
	{"ErrorFromReadDone", "an error from ReadDone closes the channel with it, after what was written", errorFromReadDone},
	{"ErrorFromEOF", "an error from EOF closes the channel with it, after what was written", errorFromEOF},
	{"ErrorFromWritable", "an error from Writable closes the channel with it, after what was written", errorFromWritable},
	{"ClosingHook", "Options.Closing is called once with the cause, when closing begins", closingHook},
}

// fails runs a case in which a sink writes "last words" and returns errCause when provoke was called.
func fails(w *world, accept func() *sink, provoke func(*peer, *sink)) {
	ping := w.bystanders()
	p, s := w.listen(setup{}, accept).connect()
	provoke(p, s)
	p.wantText("last words")
	p.wantEnd()
	p.Close()
	if err := s.cause(); err != errCause {
		w.Errorf("cause %v, want what the sink returned", err)
	}
	ping()
}

func lastWords(s *sink) error {
	if err := s.ch.Write(s.text("last words")); err != nil {
		s.w.Errorf("Write: %v", err)
	}
	return errCause
}

func errorFromOpen(w *world) {
	fails(w, func() *sink { s := w.newSink(); s.onOpen = lastWords; return s }, nothing)
}

func errorFromRead(w *world) {
	fails(w, func() *sink {
		s := w.newSink()
		s.onRead = func(s *sink, b *buffer.Buf) error { b.Release(); return lastWords(s) }
		return s
	}, send)
}

func errorFromReadDone(w *world) {
	fails(w, func() *sink { s := w.newSink(); s.onReadDone = lastWords; return s }, send)
}

func errorFromEOF(w *world) {
	fails(w, func() *sink { s := w.newSink(); s.onEOF = lastWords; return s }, func(p *peer, _ *sink) { p.endStream() })
}

func errorFromWritable(w *world) {
	fails(w, func() *sink { s := w.paused(); s.onWritable = lastWords; return s }, func(_ *peer, s *sink) { s.do(resume) })
}

func closingHook(w *world) {
	told := make(chan error, 4)
	hook := func(ch *channel.Channel, cause error) {
		if ch.RemoteAddr() == nil {
			w.Errorf("Closing: no RemoteAddr")
		}
		told <- cause
	}
	srv := w.listen(setup{options: channel.Options{Closing: hook}}, w.newSink)
	p, s := srv.connect()
	s.do(func(ch *channel.Channel) { ch.Close(errCause) })
	p.wantEnd()
	if err := await(w, "Closing", told); err != errCause {
		w.Errorf("Closing got %v", err)
	}
	p.Close()
	s.cause()
	never(w, "a second Closing", told)
	p, s = srv.connect()
	p.reset()
	s.wantBroken()
	if err := await(w, "Closing", told); err == nil {
		w.Errorf("Closing got nil for a reset")
	}
}
