package buffer

import (
	"fmt"
	"math"
)

// TryAllocAligned returns an empty buffer with room for at least n bytes, the first of which lies at a multiple of align:
// a power of two up to 4096. That is what direct I/O (open(2), O_DIRECT) and registered buffers of io_uring ask for; their
// lengths must be multiples too, which is up to the caller. The buffer has no headroom of Headroom bytes. It returns
// ErrLimit when the pool is at its limit.
func (c *Cache) TryAllocAligned(n, align int) (*Buf, error) {
	if n < 0 || align <= 0 || align > page || align&(align-1) != 0 {
		panic(fmt.Sprintf("buffer: TryAllocAligned(%d, %d)", n, align))
	}
	b := c.empty()
	if err := b.startAligned(c, n, align); err != nil {
		c.put(b)
		return nil, err
	}
	return b, nil
}

// startAligned gives an empty handle its first block, with room for n bytes from an aligned address on.
func (b *Buf) startAligned(c *Cache, n, align int) error {
	n = max(n, 1)
	want := n
	switch {
	case c.pool.heap != nil: // bytebufferpool aligns nothing
		want += min(align-1, math.MaxInt-n)
	case n <= maxBlock:
		// Chunks begin at a page, so all blocks of a class are aligned if its size is a multiple: at least every
		// fourth is, from 4 KiB on.
		for want = roundUp(n); want%align != 0; {
			want = roundUp(want + 1)
		}
	}
	blk, err := c.block(want)
	if err != nil {
		return err
	}
	at := -uintptr(blk.mem) & uintptr(align-1)
	b.open(blk, int(at), 0)
	return nil
}

// TryAllocAligned does what Cache.TryAllocAligned does, on any goroutine.
func (p *Pool) TryAllocAligned(n, align int) (*Buf, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prepare()
	return p.shared.TryAllocAligned(n, align)
}

// TryAllocAligned does what Cache.TryAllocAligned does, on any goroutine. It may take twice the memory.
func (h *Heap) TryAllocAligned(n, align int) (*Buf, error) {
	return h.inner().TryAllocAligned(n, align)
}
