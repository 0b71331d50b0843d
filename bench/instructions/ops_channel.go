package main

import (
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline"
)

var channelOps = []operation{
	timing("channel/timer/reset", func(b *bed, t *channel.Timer) { t.Reset(time.Minute) }), // to a later time: an idle timeout
	timing("channel/timer/stop+reset", func(b *bed, t *channel.Timer) {
		t.Stop()
		t.Reset(time.Minute)
	}),
	timing("channel/timer/fire", func(b *bed, t *channel.Timer) {
		t.Reset(time.Nanosecond)
		b.now++
		b.loop.Tick()
		b.loop.Turn()
	}),
	outbound("channel/outbound/merged", 32, 0),
	outbound("channel/outbound/apart", 32, 64),
	{"channel/remote/write", 100, 1, func(b *bed) func(int) {
		r := b.open(new(ignore)).Remote()
		return func(n int) {
			for range n {
				r.Write(b.loop.Cache().Alloc(0))
				b.loop.Turn()
			}
		}
	}},
	{"channel/remote/do", 100, 1, func(b *bed) func(int) {
		r := b.open(new(ignore)).Remote()
		f := func(_ *channel.Channel, err error) {
			if err != nil {
				panic(err)
			}
			sum++
		}
		return func(n int) {
			for range n {
				r.Do(f)
				b.loop.Turn()
			}
		}
	}},
}

// ignore is a stage that drops what it reads.
type ignore struct{ pipeline.Ctx[*buffer.Buf] }

func (*ignore) Read(m *buffer.Buf) error {
	m.Release()
	return nil
}

type expired struct{}

func (expired) Expired() { sum++ }

// timing is something done with a timer, among a thousand others.
func timing(name string, f func(*bed, *channel.Timer)) operation {
	return operation{name, 100, 1, func(b *bed) func(int) {
		w := b.open(new(ignore))
		others := make([]channel.Timer, 1000)
		for i := range others {
			others[i].Start(&w.Channel, time.Hour+time.Duration(i), expired{})
		}
		t := new(channel.Timer)
		t.Start(&w.Channel, time.Second, expired{})
		return func(n int) {
			for range n {
				f(b, t)
			}
		}
	}}
}

// outbound is a message of 64 bytes that is written, sent and released, pieces of them in one turn. They were read side by side, or
// with gap bytes between them.
func outbound(name string, pieces, gap int) operation {
	return operation{name, 10, pieces, func(b *bed) func(int) {
		w := b.open(new(ignore))
		o := b.loop.Cache().Alloc(32 << 10)
		o.PutZero(32 << 10)
		b.atEnd(o.Release)
		return func(n int) {
			for range n {
				for i := range pieces {
					at := i * (64 + gap)
					if err := w.Write(o.Slice(at, at+64)); err != nil {
						panic(err)
					}
				}
				b.loop.Turn()
			}
		}
	}}
}
