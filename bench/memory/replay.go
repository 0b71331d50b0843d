package main

import (
	"errors"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// A sample is the state of an allocator after some operations.
type sample struct {
	held, live, resident int64
	took                 time.Duration
}

// A replayer follows a pattern, some operations at a time.
type replayer interface {
	do(ops []op) (sample, error)
	close() error
}

// fragments is what a pattern did to an allocator, from where the pattern is under way.
type fragments struct {
	Ops         int     `json:"ops"`
	HeldMax     float64 `json:"heldMax"` // held / live
	HeldEnd     float64 `json:"heldEnd"`
	HeldMean    float64 `json:"heldMean"`    // sum of held / sum of live, over all samples
	ResidentMax float64 `json:"residentMax"` // resident / live
	ResidentEnd float64 `json:"residentEnd"`
	PeakHeld    int64   `json:"peakHeld"`
	PeakLive    int64   `json:"peakLive"`
	Ns          float64 `json:"ns"` // of an operation

	heldSum, liveSum float64
}

// sampleEvery is how many operations lie between samples. There is one more before and after the program idles.
const sampleEvery = 4096

// drive replays a pattern and sums up the samples.
func drive(p pattern, r replayer) (f fragments, err error) {
	defer func() { err = errors.Join(err, r.close()) }()
	var took time.Duration
	counting := false
	block := make([]op, 0, sampleEvery)
	flush := func() {
		if len(block) == 0 || err != nil {
			return
		}
		var s sample
		if s, err = r.do(block); err == nil {
			f.Ops += len(block)
			took += s.took
			if counting {
				f.add(s)
			}
		}
		block = block[:0]
	}
	for o := range p.ops {
		switch o.Slot {
		case countSlot:
			flush()
			counting = true
			continue
		case idleSlot:
			flush()
		}
		block = append(block, o)
		if len(block) == sampleEvery || o.Slot == idleSlot {
			flush()
		}
		if err != nil {
			return f, err
		}
	}
	flush()
	f.Ns = float64(took.Nanoseconds()) / float64(max(f.Ops, 1))
	return f, err
}

func (f *fragments) add(s sample) {
	live := float64(max(s.live, 1))
	f.HeldEnd, f.ResidentEnd = float64(s.held)/live, float64(s.resident)/live
	f.HeldMax, f.ResidentMax = max(f.HeldMax, f.HeldEnd), max(f.ResidentMax, f.ResidentEnd)
	f.heldSum += float64(s.held)
	f.liveSum += live
	f.HeldMean = f.heldSum / f.liveSum
	f.PeakHeld, f.PeakLive = max(f.PeakHeld, s.held), max(f.PeakLive, s.live)
}

// heapReplayer replays in this process, on one goroutine, with every page of a buffer written.
type heapReplayer[H any] struct {
	h        heap[H]
	slots    []H
	sizes    []int32 // 0 where a slot has none
	asked    int64
	released atomic.Int64
	ring     chan released[H] // to the goroutine that releases, if that is another one
	done     chan struct{}

	heldBefore, residentBefore int64
}

type released[H any] struct {
	h    H
	size int32
}

func newReplayer[H any](h heap[H], p pattern) *heapReplayer[H] {
	r := &heapReplayer[H]{h: h, slots: make([]H, p.slots), sizes: make([]int32, p.slots)}
	clear(r.slots) // so that their pages are there before we look
	clear(r.sizes)
	if p.elsewhere {
		r.ring, r.done = make(chan released[H], 64), make(chan struct{})
		go r.release()
	}
	debug.FreeOSMemory()
	r.heldBefore, r.residentBefore = h.held(), rss(os.Getpid())
	return r
}

func (r *heapReplayer[H]) release() {
	defer close(r.done)
	for o := range r.ring {
		r.h.put(o.h)
		r.released.Add(int64(o.size))
	}
}

func (r *heapReplayer[H]) do(ops []op) (sample, error) {
	start := time.Now()
	for _, o := range ops {
		if o.Slot == idleSlot {
			r.h.idle()
			continue
		}
		r.replace(o)
	}
	return sample{
		took:     time.Since(start),
		live:     r.asked - r.released.Load(),
		held:     r.h.held() - r.heldBefore,
		resident: rss(os.Getpid()) - r.residentBefore,
	}, nil
}

func (r *heapReplayer[H]) replace(o op) {
	if size := r.sizes[o.Slot]; size != 0 {
		old := r.slots[o.Slot]
		r.slots[o.Slot], r.sizes[o.Slot] = *new(H), 0
		if r.ring != nil {
			r.ring <- released[H]{old, size}
		} else {
			r.h.put(old)
			r.released.Add(int64(size))
		}
	}
	if o.Size != 0 {
		r.slots[o.Slot], r.sizes[o.Slot] = r.h.get(int(o.Size), os.Getpagesize()), o.Size
		r.asked += int64(o.Size)
	}
}

func (r *heapReplayer[H]) close() error {
	for i, size := range r.sizes {
		if size != 0 {
			r.replace(op{Slot: int32(i)})
		}
	}
	if r.ring != nil {
		close(r.ring)
		<-r.done
	}
	return r.h.close()
}
