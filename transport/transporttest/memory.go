package transporttest

import (
	"errors"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

var memoryCases = []behaviour{
	{"PoolAtLimit", "reading pauses while the pool is at its limit, and goes on when memory is released", poolAtLimit},
	{"AllocAtLimit", "a handler that needs memory when there is none loses its channel, and only that", allocAtLimit},
}

func poolAtLimit(w *world) {
	w.pool.Limit = 8 << 20
	w.loops = 1
	ping := w.bystanders()
	var kept []*buffer.Buf // belongs to the loop
	free := func() {
		for _, b := range kept {
			b.Release()
		}
		kept = nil
	}
	p, s := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onRead = func(s *sink, b *buffer.Buf) error {
			kept = append(kept, b)
			s.ch.Keep()
			return nil
		}
		s.onClosed = func(*sink, error) { free() }
		return s
	}).connect()
	const total = 20 << 20
	sent := p.sending(pattern(total, 1))
	var before int64
	var pauses uint64
	for range 2 { // total is more than twice of what the pool holds
		var last, now int64
		w.eventually("the memory to be used up", func() bool {
			last, now = now, s.received.Load()
			return last == now && now > before && w.group.Stats().Pauses > pauses
		})
		before, pauses = now, w.group.Stats().Pauses
		s.do(func(*channel.Channel) { free() })
	}
	w.eventually("all input", func() bool {
		s.do(func(*channel.Channel) { free() })
		return s.received.Load() == total
	})
	if err := await(w, "the peer to have sent all", sent); err != nil {
		w.Errorf("peer: %v", err)
	}
	ping()
	if held := w.pool.Held(); held > w.pool.Limit {
		w.Errorf("the pool holds %d bytes, more than its limit", held)
	}
}

func allocAtLimit(w *world) {
	w.pool.Limit = 16 << 20
	ping := w.bystanders()
	p, s := w.listen(setup{}, func() *sink {
		s := w.newSink()
		s.onRead = func(s *sink, b *buffer.Buf) error {
			b.Release()
			return s.ch.Write(s.ch.Alloc(32 << 20))
		}
		return s
	}).connect()
	p.sendText("go")
	p.wantEnd()
	p.Close()
	if err := s.cause(); !errors.Is(err, buffer.ErrLimit) {
		w.Errorf("cause %v, want ErrLimit", err)
	}
	ping()
}
