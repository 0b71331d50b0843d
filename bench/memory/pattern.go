package main

import (
	"iter"
	"math"
	"math/rand/v2"
)

// An op releases what a slot has, if anything, and puts a fresh buffer of Size
// bytes there unless that is 0. Two slots mean something else.
type op struct{ Slot, Size int32 }

const (
	idleSlot  = -1 // the program has nothing to do just now: trim
	countSlot = -2 // the pattern is under way: count from here
)

// A pattern is a sequence of operations, the same one for the same seed.
type pattern struct {
	name      string
	slots     int
	elsewhere bool // what is released is released on another goroutine
	ops       iter.Seq[op]
}

const (
	smallest = 64
	largest  = 256 << 10
	window   = 1000
)

// logUniform returns a size between low and high: each doubling is as likely as the others.
func logUniform(r *rand.Rand, low, high int) int32 {
	return int32(float64(low) * math.Exp(r.Float64()*math.Log(float64(high)/float64(low))))
}

func source(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// randomWindow keeps 1,000 buffers of any size and replaces them at random, n times.
func randomWindow(seed uint64, n int) pattern {
	r := source(seed)
	return pattern{name: "random", slots: window, ops: func(yield func(op) bool) {
		replace(yield, n, func(i int) op { return op{windowSlot(r, i), logUniform(r, smallest, largest)} })
	}}
}

// replace fills the window, and replaces n times.
func replace(yield func(op) bool, n int, next func(i int) op) {
	for i := range window + n {
		if i == window && !yield(op{Slot: countSlot}) || !yield(next(i)) {
			return
		}
	}
}

// windowSlot fills one slot after the other, then takes any.
func windowSlot(r *rand.Rand, i int) int32 {
	if i < window {
		return int32(i)
	}
	return r.Int32N(window)
}

// histogram is how often messages of a service have which size, in percent.
var histogram = []struct{ percent, low, high int }{
	{45, 64, 512}, {30, 512, 4 << 10}, {15, 4 << 10, 16 << 10}, {8, 16 << 10, 64 << 10}, {2, 64 << 10, 256 << 10},
}

func fromHistogram(r *rand.Rand) int32 {
	p := r.IntN(100)
	for _, h := range histogram {
		if p -= h.percent; p < 0 {
			return logUniform(r, h.low, h.high)
		}
	}
	panic("the histogram has less than 100 %")
}

// exchange is a random window of messages that another goroutine releases.
func exchange(seed uint64, n int) pattern {
	r := source(seed)
	return pattern{name: "exchange", slots: window, elsewhere: true, ops: func(yield func(op) bool) {
		replace(yield, n, func(i int) op { return op{windowSlot(r, i), fromHistogram(r)} })
	}}
}

// fill puts one buffer of a size into each of 1,000 slots.
func fill(size int) pattern {
	return pattern{name: bytesName(size), slots: window, ops: func(yield func(op) bool) {
		if yield(op{Slot: countSlot}) {
			replace(yield, 0, func(i int) op { return op{int32(i), int32(size)} })
		}
	}}
}
