package transporttest

import (
	"errors"
	"syscall"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

var resetCases = []behaviour{
	{"ResetWhileIdle", "a reset closes an idle channel with ECONNRESET", resetWhileIdle},
	{"ResetWhileReading", "a reset amid input closes the channel with ECONNRESET", resetWhileReading},
	{"ResetWhileWriting", "a reset closes a channel whose peer was not taking its output", resetWhileWriting},
	{"ResetWhilePaused", "a reset closes a channel whose reading is paused, without waiting for it", resetWhilePaused},
	{"ResetWhileClosing", "a reset ends a channel that is waiting for its peer", resetWhileClosing},
}

// wantBroken fails unless the channel was closed because the peer reset the connection.
func (s *sink) wantBroken() {
	s.w.Helper()
	err := s.cause()
	var op *channel.OpError
	if !errors.As(err, &op) {
		s.w.Errorf("cause %v (%T), want an OpError", err, err)
	}
	if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
		s.w.Errorf("cause %v, want ECONNRESET", err)
	}
}

func resetWhileIdle(w *world) {
	ping := w.bystanders()
	p, s := w.listen(setup{}, w.echo).connect()
	p.sendText("hello")
	p.wantText("hello")
	p.reset()
	s.wantBroken()
	ping()
}

func resetWhileReading(w *world) {
	ping := w.bystanders()
	p, s := w.listen(setup{}, w.newSink).connect()
	for range 20 {
		p.send(pattern(50_000, 1))
	}
	p.reset()
	s.wantBroken()
	ping()
}

func resetWhileWriting(w *world) {
	ping := w.bystanders()
	p, s := w.listen(setup{options: channel.Options{Marks: channel.Watermark{Max: -1}}}, w.newSink).connect()
	s.do(func(ch *channel.Channel) {
		if err := ch.Write(s.bytes(make([]byte, big))); err != nil {
			w.Errorf("Write: %v", err)
		}
	})
	p.want(make([]byte, 1))
	p.reset()
	s.wantBroken()
	ping()
}

func resetWhilePaused(w *world) {
	ping := w.bystanders()
	p, s := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onOpen = func(s *sink) error { s.ch.SetReading(false); return nil }
		return s
	}).connect()
	p.sendText("never read")
	ping()
	p.reset()
	s.wantBroken()
	if n := s.received.Load(); n != 0 {
		w.Errorf("%d bytes were delivered while reading was paused", n)
	}
	ping()
}

func resetWhileClosing(w *world) {
	p, s := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onRead = func(s *sink, b *buffer.Buf) error {
			err := s.ch.Write(b)
			s.ch.Close(nil)
			return err
		}
		return s
	}).connect()
	p.sendText("bye")
	p.wantText("bye")
	p.wantEnd()
	p.reset()
	if err := s.cause(); err != nil {
		w.Errorf("cause %v, want nil: everything was sent", err)
	}
}
