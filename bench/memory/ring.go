package main

import (
	"runtime"
	"sync/atomic"
)

const (
	ringSize  = 1024
	ringBatch = 32   // places that change hands together, so that the two sides seldom touch the same cache line
	ringSpins = 4096 // looks before the other side is taken to have lost its core
)

// ring passes values from one goroutine to another.
type ring[T any] struct {
	values [ringSize]T
	_      [64]byte

	pushed atomic.Uint64 // what the popping side may take
	_      [64]byte
	popped atomic.Uint64 // what the pushing side may overwrite
	_      [64]byte

	in, inLimit uint64 // of the pushing side: the next place, and the first that is not free
	_           [64]byte
	out, outEnd uint64 // of the popping side: the next place, and the first that is not filled
}

func newRing[T any]() *ring[T] { return &ring[T]{inLimit: ringSize} }

func (r *ring[T]) push(v T) {
	if r.in == r.inLimit {
		r.flush()
		r.inLimit = changed(&r.popped, r.inLimit-ringSize) + ringSize
	}
	r.values[r.in%ringSize] = v
	if r.in++; r.in%ringBatch == 0 {
		r.flush()
	}
}

// flush shows everything that was pushed to the other side.
func (r *ring[T]) flush() { r.pushed.Store(r.in) }

func (r *ring[T]) pop() T {
	if r.out == r.outEnd {
		r.popped.Store(r.out)
		r.outEnd = changed(&r.pushed, r.out)
	}
	v := r.values[r.out%ringSize]
	if r.out++; r.out%ringBatch == 0 {
		r.popped.Store(r.out)
	}
	return v
}

// changed waits until p is not old anymore.
func changed(p *atomic.Uint64, old uint64) uint64 {
	for i := 1; ; i++ {
		if v := p.Load(); v != old {
			return v
		}
		if i%ringSpins == 0 {
			runtime.Gosched()
		}
	}
}
