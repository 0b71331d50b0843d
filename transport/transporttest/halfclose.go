package transporttest

import (
	"io"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

var halfCloseCases = []behaviour{
	{"DataThenEnd", "all that a peer sent before it ended its stream is delivered before EOF", dataThenEnd},
	{"EndThenReply", "a peer that ends its stream gets the whole reply that EOF writes, then the end", endThenReply},
	{"HalfOpen", "with HalfOpen a channel whose peer has ended its stream goes on sending until it is closed", halfOpen},
	{"CloseWrite", "after CloseWrite the peer sees the end, and what it then sends is delivered", closeWrite},
	{"CloseWriteAfterEOF", "CloseWrite on a half-open channel whose peer has ended closes it", closeWriteAfterEOF},
}

func dataThenEnd(w *world) {
	const size = 1 << 20
	srv := w.listen(setup{}, w.newSink)
	p, s := srv.connect()
	p.send(pattern(size, 1))
	p.endStream()
	await(w, "EOF", s.ended)
	if n := s.received.Load(); n != size {
		w.Errorf("%d of %d bytes were delivered before EOF", n, size)
	}
	p.wantEnd()
	if err := s.cause(); err != nil {
		w.Errorf("cause %v, want nil", err)
	}
}

func endThenReply(w *world) {
	reply := pattern(3<<20, 2)
	p, s := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onEOF = func(s *sink) error { return s.ch.Write(s.bytes(reply)) }
		return s
	}).connect()
	p.sendText("request")
	p.endStream()
	p.want(reply)
	p.wantEnd()
	if err := s.cause(); err != nil {
		w.Errorf("cause %v, want nil", err)
	}
}

func halfOpen(w *world) {
	p, s := w.listen(setup{options: channel.Options{HalfOpen: true}}, w.newSink).connect()
	p.sendText("request")
	p.endStream()
	await(w, "EOF", s.ended)
	for _, text := range []string{"one", "two", "three"} {
		s.do(func(ch *channel.Channel) {
			if err := ch.Write(s.text(text)); err != nil {
				w.Errorf("Write: %v", err)
			}
		})
		p.wantText(text)
		never(w, "Closed", s.closed)
	}
	s.do(func(ch *channel.Channel) { ch.Close(nil) })
	p.wantEnd()
	if err := s.cause(); err != nil {
		w.Errorf("cause %v, want nil", err)
	}
}

func closeWrite(w *world) {
	const size = 300_000
	p, s := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onOpen = func(s *sink) error {
			err := s.ch.Write(s.text("bye"))
			s.ch.CloseWrite()
			if werr := s.ch.Write(s.text("more")); werr != channel.ErrClosed {
				w.Errorf("Write after CloseWrite: %v, want ErrClosed", werr)
			}
			return err
		}
		return s
	}).connect()
	p.wantText("bye")
	p.wantEnd()
	p.send(pattern(size, 3))
	w.eventually("the rest to be delivered", func() bool { return s.received.Load() == size })
	never(w, "Closed", s.closed)
	p.endStream()
	if err := s.cause(); err != nil {
		w.Errorf("cause %v, want nil", err)
	}
}

func closeWriteAfterEOF(w *world) {
	p, s := w.listen(setup{options: channel.Options{HalfOpen: true}}, func() *sink {
		s := w.newSink()
		s.onRead = func(s *sink, b *buffer.Buf) error { return s.ch.Write(b) }
		s.onEOF = func(s *sink) error { s.ch.CloseWrite(); return nil }
		return s
	}).connect()
	p.sendText("echo")
	p.endStream()
	got, err := io.ReadAll(p)
	if err != nil || string(got) != "echo" {
		w.Fatalf("peer: got %q and error %v", got, err)
	}
	if err := s.cause(); err != nil {
		w.Errorf("cause %v, want nil", err)
	}
}
