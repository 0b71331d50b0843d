package channel_test

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// taker is a backend that takes everything at once. It looks where the bytes lie, as one that calls writev(2) does.
type taker struct {
	channel.Port
	room [64][]byte
}

// take opens a channel of l on a taker.
func take(b *testing.B, l *channeltest.Loop) *taker {
	k := new(taker)
	k.Init(l.Loop, k, &channeltest.Sink{Quiet: true}, channel.Options{Linger: -1}.Prepare())
	k.Open()
	b.Cleanup(func() {
		k.Abort(nil)
		l.Loop.Turn()
	})
	return k
}

func (k *taker) Flush(q *channel.Outbound) error {
	for !q.Empty() {
		n := 0
		for _, p := range q.Vectors(k.room[:0], len(k.room), 1<<20) {
			n += len(p)
		}
		if f := q.File(); f != nil && n == q.Bytes() {
			n += int(f.Size())
		}
		q.Advance(int64(n))
	}
	return nil
}

func (k *taker) SetReading(bool)      {}
func (k *taker) HasInput(int) bool    { return true }
func (k *taker) CloseWrite() error    { return nil }
func (k *taker) Close(bool)           {}
func (k *taker) LocalAddr() net.Addr  { return nil }
func (k *taker) RemoteAddr() net.Addr { return nil }

// BenchmarkOutbound writes 32 messages of 64 bytes in one turn, which then leave together: they lay side by side, or apart; or with
// a file behind each fourth.
func BenchmarkOutbound(b *testing.B) {
	const messages = 32
	for _, c := range []struct {
		name  string
		gap   int
		files bool
	}{{"merged", 0, false}, {"apart", 64, false}, {"files", 0, true}} {
		b.Run(c.name, func(b *testing.B) {
			l := channeltest.NewLoop(b)
			k := take(b, l)
			o := l.Cache().Alloc(32 << 10)
			o.PutZero(32 << 10)
			f := l.File("some text")
			b.ReportAllocs()
			b.SetBytes(64 * messages)
			for b.Loop() {
				for i := range messages {
					at := i * (64 + c.gap)
					k.Write(o.Slice(at, at+64))
					if c.files && i%4 == 3 {
						k.WriteFile(f.Clone())
					}
				}
				l.Loop.Turn()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/messages, "ns/message")
			f.Release()
			o.Release()
		})
	}
}

// BenchmarkEcho is a read that is written back: from Received to the last byte sent, without a pipeline.
func BenchmarkEcho(b *testing.B) {
	l := channeltest.NewLoop(b)
	k := new(taker)
	sink := channeltest.Echo()
	sink.Quiet = true
	k.Init(l.Loop, k, sink, channel.Options{Linger: -1}.Prepare())
	k.Open()
	b.ReportAllocs()
	for b.Loop() {
		l.Cache().ReceiveRoom()
		k.Received(l.Cache().Received(64))
		k.ReceivedEnd()
		l.Loop.Turn()
	}
	k.Abort(nil)
	l.Loop.Turn()
}

type expired struct{}

func (expired) Expired() {}

// BenchmarkTimer sets a timer among others of the same loop: for the first time, to a later time as every message does with an
// idle timeout, to an earlier one; and has it expire.
func BenchmarkTimer(b *testing.B) {
	for _, others := range []int{0, 10_000} {
		for _, c := range []struct {
			name string
			run  func(l *channeltest.Loop, t *channel.Timer)
		}{
			{"arm", func(_ *channeltest.Loop, t *channel.Timer) {
				t.Stop()
				t.Reset(time.Minute)
			}},
			{"later", func(l *channeltest.Loop, t *channel.Timer) {
				l.Clock.Advance(1)
				l.Tick()
				t.Reset(time.Minute)
			}},
			{"earlier", func(_ *channeltest.Loop, t *channel.Timer) {
				t.Reset(time.Second)
				t.Stop()
				t.Reset(time.Minute)
			}},
			{"fire", func(l *channeltest.Loop, t *channel.Timer) {
				t.Reset(1)
				l.Clock.Advance(1)
				l.Tick()
				l.Loop.Turn()
			}},
		} {
			b.Run(fmt.Sprintf("%s/others=%d", c.name, others), func(b *testing.B) {
				l := channeltest.NewLoop(b)
				for range others / 1000 { // no channel may have as many
					k := take(b, l)
					for range 1000 {
						new(channel.Timer).Start(&k.Channel, time.Hour, expired{})
					}
				}
				t := new(channel.Timer)
				t.Start(&take(b, l).Channel, time.Second, expired{})
				b.ReportAllocs()
				for b.Loop() {
					c.run(l, t)
				}
			})
		}
	}
}

// BenchmarkRemote is a call from another goroutine: its two halves one after the other, as they cost where nobody has to be woken;
// and the whole of it, with a goroutine that sleeps on either side.
func BenchmarkRemote(b *testing.B) {
	did := 0
	do := func(*channel.Channel, error) { did++ }
	b.Run("Do", func(b *testing.B) {
		l := channeltest.NewLoop(b)
		r := take(b, l).Remote()
		b.ReportAllocs()
		for b.Loop() {
			r.Do(do)
			l.Loop.Turn()
		}
	})
	b.Run("Do/32", func(b *testing.B) { // in one turn
		l := channeltest.NewLoop(b)
		r := take(b, l).Remote()
		b.ReportAllocs()
		for b.Loop() {
			for range 32 {
				r.Do(do)
			}
			l.Loop.Turn()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/32, "ns/call")
	})
	b.Run("Write", func(b *testing.B) {
		l := channeltest.NewLoop(b)
		r := take(b, l).Remote()
		b.ReportAllocs()
		for b.Loop() {
			r.Write(l.Buf("a message"))
			l.Loop.Turn()
		}
	})
	b.Run("Write/pool", func(b *testing.B) { // with a buffer from outside of the loop
		l := channeltest.NewLoop(b)
		r := take(b, l).Remote()
		b.ReportAllocs()
		for b.Loop() {
			m := l.Pool.Alloc(16)
			m.WriteString("a message")
			r.Write(m)
			l.Loop.Turn()
		}
	})
	b.Run("hop", func(b *testing.B) {
		l := channeltest.NewLoop(b)
		r := take(b, l).Remote()
		ask := make(chan struct{})
		go func() {
			for range ask {
				r.Do(do)
			}
		}()
		b.ReportAllocs()
		for b.Loop() {
			ask <- struct{}{}
			for before := did; did == before; {
				l.Wait()
			}
		}
		close(ask)
	})
}
