package main

import (
	"fmt"
	"net"
	"os"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline"
)

// A bed is what an operation runs on: a loop with connections to a kernel that takes everything and costs nothing.
type bed struct {
	pool  *buffer.Pool
	loop  *channel.Loop
	now   time.Duration
	wires []*wire
	ends  []func()
}

func newBed() *bed {
	b := &bed{pool: &buffer.Pool{LeakSample: -1, TrimAfter: -1}, now: time.Second}
	b.loop = channel.NewLoop(channel.LoopConfig{Pool: b.pool, Now: func() time.Duration { return b.now }})
	return b
}

// atEnd has f called when the operation is over.
func (b *bed) atEnd(f func()) { b.ends = append(b.ends, f) }

// close ends the program if the operation has not released what it had, or if a connection has broken: then something else
// was counted.
func (b *bed) close(name string) {
	for _, f := range b.ends {
		f()
	}
	for _, w := range b.wires {
		if w.closed || w.Closing() {
			fmt.Fprintf(os.Stderr, "%s: the channel was closed: %v\n", name, w.Cause())
			os.Exit(1)
		}
		w.Abort(nil)
	}
	b.loop.Turn()
	b.loop.Stop()
	if err := b.pool.Close(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// wire is a connection.
type wire struct {
	channel.Port
	bed    *bed
	place  *byte // where the input lies
	fresh  bool  // it must be written there again for each read
	sent   int
	closed bool
}

// open adds a connection with a pipeline of these stages.
func (b *bed) open(stages ...pipeline.Stage) *wire {
	w := &wire{bed: b}
	w.Init(b.loop, w, pipeline.With(stages...)(nil), channel.Options{Linger: -1}.Prepare())
	w.Open()
	b.wires = append(b.wires, w)
	return w
}

// burst is one turn of the loop with one read. Input that is where it was is not copied there again: that is up to the kernel.
// Those who change it in place set w.fresh.
func (w *wire) burst(input []byte) {
	cache := w.bed.loop.Cache()
	room, err := cache.ReceiveRoom()
	if err != nil {
		panic(err)
	}
	if w.place != &room[0] || w.fresh {
		w.place = &room[0]
		copy(room, input)
	}
	w.Received(cache.Received(len(input)))
	w.ReceivedEnd()
	w.bed.loop.Turn()
}

// Flush takes everything, as a kernel does: it looks where the bytes lie.
func (w *wire) Flush(q *channel.Outbound) error {
	for !q.Empty() {
		if f := q.File(); f != nil && q.Bytes() == 0 {
			w.sent += int(f.Size())
			q.Advance(f.Size())
			continue
		}
		if p, only := q.First(); only {
			w.sent += len(p)
			q.Advance(int64(len(p)))
			continue
		}
		var room [64][]byte
		n := 0
		for _, p := range q.Vectors(room[:0], len(room), 1<<20) {
			n += len(p)
		}
		w.sent += n
		q.Advance(int64(n))
	}
	return nil
}

func (w *wire) SetReading(bool)      {}
func (w *wire) HasInput(int) bool    { return true }
func (w *wire) CloseWrite() error    { return nil }
func (w *wire) Close(bool)           { w.closed = true }
func (w *wire) LocalAddr() net.Addr  { return nil }
func (w *wire) RemoteAddr() net.Addr { return nil }
