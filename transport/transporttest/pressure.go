package transporttest

import (
	"errors"
	"io"
	"sync/atomic"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

var pressureCases = []behaviour{
	{"PeerDoesNotRead", "reading pauses when a peer does not take its replies, memory stays bounded, and all arrives in the end", peerDoesNotRead},
	{"SlowReader", "a producer that stops at the high mark and goes on at Writable delivers everything with a short queue", slowReader},
	{"HardCap", "a write beyond Max fails with ErrOutboundFull, and what was queued before is sent", hardCap},
	{"OneLargeWrite", "one write may be larger than Max if the queue is empty", oneLargeWrite},
}

func peerDoesNotRead(w *world) {
	ping := w.bystanders()
	p, s := w.listen(setup{}, w.echo).connect()
	data := pattern(big, 1)
	sent := p.sending(data)
	paused := false
	w.eventually("reading to pause", func() bool {
		s.do(func(ch *channel.Channel) { paused = ch.Halted() })
		return paused
	})
	ping()
	queued := 0
	s.do(func(ch *channel.Channel) { queued = ch.Queued() })
	if most := 64<<10 + 1<<20; queued > most { // the high mark, and a read that was under way, as long as that of a stream
		w.Errorf("%d bytes are queued, want at most %d", queued, most)
	}
	if held := w.pool.Held(); held > 16<<20 {
		w.Errorf("the pool holds %d bytes for a peer that does not read", held)
	}
	never(w, "the end of sending", sent)
	p.want(data)
	if err := await(w, "the peer to have sent all", sent); err != nil {
		w.Errorf("peer: %v", err)
	}
}

func slowReader(w *world) {
	const total, piece, high = 8 << 20, 1 << 10, 16 << 10
	data := pattern(total, 2)
	var most, resumed atomic.Int64
	p, s := w.listen(setup{options: channel.Options{Marks: channel.Watermark{Low: 4 << 10, High: high}}}, func() *sink {
		at := 0
		produce := func(s *sink) error {
			for at < total && s.ch.Writable() {
				if err := s.ch.Write(s.bytes(data[at : at+piece])); err != nil {
					return err
				}
				at += piece
				most.Store(max(most.Load(), int64(s.ch.Queued())))
			}
			if at == total {
				s.ch.Close(nil)
			}
			return nil
		}
		s := w.newSink()
		s.onOpen = produce
		s.onWritable = func(s *sink) error { resumed.Add(1); return produce(s) }
		return s
	}).connect()
	got := make([]byte, 0, total)
	for len(got) < total {
		n, err := p.Read(got[len(got):min(len(got)+5000, total)])
		if err != nil {
			w.Fatalf("peer: got %d of %d bytes, then %v", len(got), total, err)
		}
		got = got[:len(got)+n]
	}
	p.equal(got, data)
	p.wantEnd()
	p.Close()
	s.cause()
	if n := most.Load(); n > high+piece {
		w.Errorf("up to %d bytes were queued, want at most %d", n, high+piece)
	}
	if resumed.Load() == 0 {
		w.Errorf("Writable was not called")
	}
}

func hardCap(w *world) {
	const piece = 8 << 10
	accepted := make(chan int, 1)
	p, s := w.listen(setup{options: channel.Options{Marks: channel.Watermark{High: 8 << 10, Max: 64 << 10}}}, func() *sink {
		s := w.newSink()
		s.onRead = func(s *sink, b *buffer.Buf) error {
			b.Release()
			for n := 0; n < big; n += piece {
				if err := s.ch.Write(s.bytes(make([]byte, piece))); err != nil {
					accepted <- n
					return err
				}
			}
			return errors.New("the queue has no cap")
		}
		return s
	}).connect()
	p.sendText("go")
	want := await(w, "the cap", accepted)
	n, err := io.Copy(io.Discard, p)
	if err != nil || n != int64(want) {
		w.Errorf("peer: got %d bytes and error %v, want %d and the end", n, err, want)
	}
	p.Close()
	if err := s.cause(); err != channel.ErrOutboundFull {
		w.Errorf("cause %v, want ErrOutboundFull", err)
	}
}

func oneLargeWrite(w *world) {
	data := pattern(3<<20, 3)
	p, s := w.listen(setup{options: channel.Options{Marks: channel.Watermark{High: 8 << 10, Max: 64 << 10}}}, w.newSink).connect()
	s.do(func(ch *channel.Channel) {
		if err := ch.Write(s.bytes(data)); err != nil {
			w.Errorf("Write: %v", err)
		}
	})
	p.want(data)
}
