package main

import (
	"math/bits"
	"time"
)

// histogram counts durations in buckets that are 1/16 wider than the one before: 64 powers of two, 16 buckets each.
type histogram struct {
	buckets [64 * 16]uint32
	n       int
}

func (h *histogram) add(d time.Duration) {
	v := uint64(max(d, 1))
	e := bits.Len64(v) - 1
	h.buckets[e<<4|int(v<<(63-e)>>59&15)]++
	h.n++
}

func (h *histogram) merge(o *histogram) {
	for i, n := range o.buckets {
		h.buckets[i] += n
	}
	h.n += o.n
}

// quantile returns the duration that a share q of those counted did not exceed, to 1/16.
func (h *histogram) quantile(q float64) time.Duration {
	left := int(q * float64(h.n))
	for i, n := range h.buckets {
		if left -= int(n); left < 0 {
			return time.Duration((uint64(1)<<(i>>4))/16*uint64(16+i&15) + 1)
		}
	}
	return 0
}
