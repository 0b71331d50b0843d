package transporttest

import (
	"errors"
	"io"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

var closeCases = []behaviour{
	{"CloseDelivers", "Close sends everything that is queued to a slow reader, then the end", closeDelivers},
	{"CloseTwice", "the first cause wins, and nothing is delivered after Close", closeTwice},
	{"ReplySurvivesInput", "a peer that goes on sending to a closed channel still gets the whole reply", replySurvivesInput},
	{"AbortResets", "Abort drops what is queued and resets the connection", abortResets},
	{"WriteAfterClose", "writes to a closing channel fail and release their buffer", writeAfterClose},
}

var errCause = errors.New("the cause")

func closeDelivers(w *world) {
	reply := pattern(4<<20, 1)
	p, s := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onRead = func(s *sink, b *buffer.Buf) error {
			b.Release()
			err := s.ch.Write(s.bytes(reply))
			s.ch.Close(errCause)
			return err
		}
		return s
	}).connect()
	p.sendText("request")
	got := make([]byte, 0, len(reply))
	for len(got) < len(reply) {
		n, err := p.Read(got[len(got):min(len(got)+3001, len(reply))])
		if err != nil {
			w.Fatalf("peer: got %d of %d bytes, then %v", len(got), len(reply), err)
		}
		got = got[:len(got)+n]
	}
	p.equal(got, reply)
	p.wantEnd()
	p.Close()
	if err := s.cause(); err != errCause {
		w.Errorf("cause %v, want the one that Close was given", err)
	}
}

func closeTwice(w *world) {
	p, s := w.listen(setup{}, w.newSink).connect()
	s.do(func(ch *channel.Channel) {
		ch.Close(errCause)
		ch.Close(io.ErrNoProgress)
		if !ch.Closing() || !ch.Halted() || ch.Writable() {
			w.Errorf("after Close: Closing %v, Halted %v, Writable %v", ch.Closing(), ch.Halted(), ch.Writable())
		}
	})
	p.wantEnd()
	p.sendText("not delivered")
	p.Close()
	if err := s.cause(); err != errCause {
		w.Errorf("cause %v, want the first", err)
	}
	if n := s.received.Load(); n != 0 {
		w.Errorf("%d bytes were delivered after Close", n)
	}
}

func replySurvivesInput(w *world) {
	reply := pattern(100_000, 2)
	p, s := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onRead = func(s *sink, b *buffer.Buf) error {
			b.Release()
			err := s.ch.Write(s.bytes(reply))
			s.ch.Close(nil)
			return err
		}
		return s
	}).connect()
	p.send(pattern(500_000, 3)) // far more than is read before the reply
	p.want(reply)
	p.wantEnd()
	p.endStream()
	if err := s.cause(); err != nil {
		w.Errorf("cause %v, want nil", err)
	}
}

func abortResets(w *world) {
	p, s := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onRead = func(s *sink, b *buffer.Buf) error {
			err := s.ch.Write(b)
			s.ch.Abort(errCause)
			return err
		}
		return s
	}).connect()
	p.sendText("request")
	p.wantReset()
	if err := s.cause(); err != errCause {
		w.Errorf("cause %v, want the one that Abort was given", err)
	}
}

func writeAfterClose(w *world) {
	p, s := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onClosed = func(s *sink, _ error) {
			if err := s.ch.Write(s.text("too late")); err != channel.ErrClosed {
				w.Errorf("Write inside Closed: %v, want ErrClosed", err)
			}
		}
		return s
	}).connect()
	path := w.sparse(10)
	s.do(func(ch *channel.Channel) {
		ch.Close(nil)
		if err := ch.Write(s.text("late")); err != channel.ErrClosed {
			w.Errorf("Write: %v, want ErrClosed", err)
		}
		if err := s.sendFile(path); err != channel.ErrClosed {
			w.Errorf("WriteFile: %v, want ErrClosed", err)
		}
	})
	p.wantEnd()
	p.Close()
	s.cause()
}
