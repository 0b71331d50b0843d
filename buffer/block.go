package buffer

import (
	"sync/atomic"
	"unsafe"
)

// A block is the unit of memory and of counting: one per piece that was cut from a chunk, mapped, adopted or made
// on the Go heap. The blocks of a chunk are described behind its bytes, outside the Go heap: the collector sees
// neither. Their one pointer into the Go heap is pool; pools with mapped chunks are kept alive by mappedPools.
//
// refs counts shares, not owners. The sum of the shares in all views of a block (and in the loop that reads into
// it) is refs; the block is free when it reaches zero. Views are counted in int32, the block in int64, so that
// owners can take new shares as long as they like.
type block struct {
	mem   unsafe.Pointer // first byte
	next  *block         // in a free list
	pool  *Pool
	refs  atomic.Int64
	size  uint32
	index uint16 // in its chunk
	class uint8
}

const (
	firstShares  = 1 << 24 // what the first owner of a fresh block holds
	refillShares = 1 << 20 // what an owner takes who has no share left to give
	takeShares   = 1 << 12 // what a view that is taken out of a larger one gets at most
)

// wrapped is a block of adopted memory or a mapping of its own. It lives on the Go heap, so its mem keeps Go memory alive.
type wrapped struct {
	block
	release func() // called once, when the last view is released
}

// give takes n shares, or half of what s has, out of s for another view of its block.
func (s *seg) give(n int32) int32 {
	half := s.share >> 1
	if half == 0 {
		s.b.refs.Add(refillShares)
		s.share += refillShares
		half = s.share >> 1
	}
	n = min(n, half)
	s.share -= n
	return n
}

// drop gives back n shares and frees the block when they were the last. c is the cache of the loop that this code runs
// on, nil elsewhere.
func (b *block) drop(n int32, c *Cache) {
	// Whoever holds all shares is alone, and nobody else can make new ones.
	switch {
	case b.refs.Load() == int64(n):
		if n != firstShares {
			b.refs.Store(firstShares) // an atomic store costs as much as the rest
		}
	case b.refs.Add(-int64(n)) == 0:
		b.refs.Store(firstShares)
	default:
		return
	}
	if b.class != classWrapped && b.class != classMapped { // that memory belongs to somebody else
		raceWrite(b.bytes(0, b.size))
	}
	b.free(c)
}

// free puts a block that nobody holds a share of where it came from. It is ready for a first owner.
func (b *block) free(c *Cache) {
	switch {
	case c != nil && c.pool == b.pool && b.class < numClasses:
		c.putBlock(b)
	case b.class == classWrapped:
		if w := (*wrapped)(unsafe.Pointer(b)); w.release != nil {
			w.release()
		}
	case b.class == classMapped:
		(*mappedBlock)(unsafe.Pointer(b)).of.drop()
	case b.class == classHeap:
		b.pool.putHeap(b)
	case b.class == classGuarded:
		b.pool.putGuarded(b)
	default:
		b.pool.putShared(b)
	}
}

// bytes returns the memory between two offsets of the block. An empty range at its end must not become a pointer behind
// the block, which Go does not allow into its own memory; slicing sees to that.
func (b *block) bytes(off, end uint32) []byte {
	return unsafe.Slice((*byte)(b.mem), b.size)[off:end:end]
}

// at returns the byte at an offset of the block.
func (b *block) at(off uint32) *byte { return (*byte)(unsafe.Add(b.mem, off)) }
