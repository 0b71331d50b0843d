package transporttest

import (
	"bytes"

	"github.com/ropewalk/ropewalk/buffer"
)

var burstCases = []behaviour{
	{"BurstInOnePiece", "what a burst of input has produced leaves together, in order", burstInOnePiece},
	{"WriteAtOpen", "what Open writes leaves without further input", writeAtOpen},
	{"WriteAtReadDone", "what ReadDone writes leaves with the burst", writeAtReadDone},
	{"FlushLeavesAtOnce", "Flush sends while the handler still runs", flushLeavesAtOnce},
}

func burstInOnePiece(w *world) {
	const pieces, size = 50, 100
	p, _ := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onRead = func(s *sink, b *buffer.Buf) error {
			b.Release()
			for i := range pieces {
				if err := s.ch.Write(s.bytes(bytes.Repeat([]byte{byte(i)}, size))); err != nil {
					return err
				}
			}
			return nil
		}
		return s
	}).connect()
	p.sendText("go")
	got := make([]byte, 64<<10)
	n, err := p.Read(got)
	if err != nil {
		w.Fatalf("peer: %v", err)
	}
	var want []byte
	for i := range pieces {
		want = append(want, bytes.Repeat([]byte{byte(i)}, size)...)
	}
	p.equal(got[:n], want)
}

func writeAtOpen(w *world) {
	p, _ := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onOpen = func(s *sink) error { return s.ch.Write(s.text("hello")) }
		return s
	}).connect()
	p.wantText("hello")
}

func writeAtReadDone(w *world) {
	p, _ := w.listen(setup{}, func() *sink {
		s := w.echo()
		s.onReadDone = func(s *sink) error { return s.ch.Write(s.text(".")) }
		return s
	}).connect()
	p.sendText("hello")
	p.wantText("hello.")
}

func flushLeavesAtOnce(w *world) {
	got := make(chan struct{})
	p, _ := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onRead = func(s *sink, b *buffer.Buf) error {
			if err := s.ch.Write(b); err != nil {
				return err
			}
			s.ch.Flush()
			<-got // the loop stands still until the peer has it
			return s.ch.Write(s.text("later"))
		}
		return s
	}).connect()
	// A case that fails must not leave the loop standing.
	done := false
	w.atEnd(func() {
		if !done {
			close(got)
		}
	})
	p.sendText("now")
	p.wantText("now")
	done = true
	close(got)
	p.wantText("later")
}
