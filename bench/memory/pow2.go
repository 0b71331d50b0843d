package main

import (
	"math/bits"
	"sync"
)

// pow2 is what many programs write themselves: a sync.Pool for each power of
// two. It hands out pointers to slices, because a slice in an interface would
// be allocated.
type pow2 [32]sync.Pool

func (p *pow2) get(n int) *[]byte {
	class := bits.Len(uint(n - 1))
	if s, ok := p[class].Get().(*[]byte); ok {
		*s = (*s)[:n]
		return s
	}
	s := make([]byte, n, 1<<class)
	return &s
}

func (p *pow2) put(s *[]byte) { p[bits.Len(uint(cap(*s)-1))].Put(s) }
