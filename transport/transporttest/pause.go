package transporttest

import (
	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

var pauseCases = []behaviour{
	{"PauseAtOpen", "a channel that is paused gets no input, and all of it when it is resumed", pauseAtOpen},
	{"PauseInRead", "a channel that pauses in Read gets no more input until it is resumed", pauseInRead},
	{"EndWhilePaused", "a peer's end is told after the input before it, when a paused channel is resumed", endWhilePaused},
	{"WriteWhilePaused", "a paused channel sends", writeWhilePaused},
	{"PauseAndResume", "a channel that pauses and resumes in one call goes on reading", pauseAndResume},
}

// paused is a sink that does not read when it is opened.
func (w *world) paused() *sink {
	s := w.newSink()
	s.onOpen = func(s *sink) error { s.ch.SetReading(false); return nil }
	return s
}

func resume(ch *channel.Channel) { ch.SetReading(true) }

func pauseAtOpen(w *world) {
	ping := w.bystanders()
	p, s := w.listen(setup{}, w.paused).connect()
	data := pattern(100_000, 1)
	p.send(data)
	ping()
	if n := s.received.Load(); n != 0 {
		w.Fatalf("%d bytes were delivered to a paused channel", n)
	}
	s.do(resume)
	w.eventually("the input", func() bool { return s.received.Load() == int64(len(data)) })
}

func pauseInRead(w *world) {
	ping := w.bystanders()
	reads := make(chan int, 1000)
	p, s := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onRead = func(s *sink, b *buffer.Buf) error {
			reads <- b.Len()
			s.ch.SetReading(false)
			b.Release()
			return nil
		}
		return s
	}).connect()
	const total = 500_000
	sent := p.sending(pattern(total, 2))
	for got := 0; ; {
		got += await(w, "Read", reads)
		ping()
		never(w, "another Read", reads)
		if got == total {
			break
		}
		s.do(resume)
	}
	if err := await(w, "the peer to have sent all", sent); err != nil {
		w.Fatalf("peer: %v", err)
	}
}

func endWhilePaused(w *world) {
	ping := w.bystanders()
	p, s := w.listen(setup{}, w.paused).connect()
	const size = 50_000
	p.send(pattern(size, 3))
	p.endStream()
	ping()
	never(w, "EOF", s.ended)
	s.do(resume)
	await(w, "EOF", s.ended)
	if n := s.received.Load(); n != size {
		w.Errorf("%d of %d bytes were delivered before EOF", n, size)
	}
	p.wantEnd()
	if err := s.cause(); err != nil {
		w.Errorf("cause %v, want nil", err)
	}
}

func writeWhilePaused(w *world) {
	p, s := w.listen(setup{}, w.paused).connect()
	p.sendText("unread")
	data := pattern(2<<20, 4)
	s.do(func(ch *channel.Channel) {
		if err := ch.Write(s.bytes(data)); err != nil {
			w.Errorf("Write: %v", err)
		}
	})
	p.want(data)
}

func pauseAndResume(w *world) {
	p, s := w.listen(setup{}, w.echo).connect()
	for range 3 {
		s.do(func(ch *channel.Channel) {
			ch.SetReading(false)
			ch.SetReading(true)
		})
		p.sendText("ping")
		p.wantText("ping")
	}
}
