package buffer

import (
	"sync"
	"unsafe"

	"github.com/valyala/bytebufferpool"
)

// A Heap makes buffers from Go memory that it recycles through a bytebufferpool.Pool. It is for systems where memory
// should be the collector's, and for comparison with Pool. The zero value is ready to use and safe for use by several
// goroutines; fields are read at the first allocation and must not change after it.
//
// Its buffers behave as those of a Pool do, and mix with them.
type Heap struct {
	// Limit is the most memory in use at a time, in bytes. Zero and negative mean what they mean for a Pool. Free
	// memory that waits in the bytebufferpool does not count: the collector takes it when it likes.
	Limit int64
	// Headroom is the number of free bytes in front of fresh buffers. Zero means DefaultHeadroom, negative
	// means none.
	Headroom int
	// LeakSample and OnLeak are those of a Pool.
	LeakSample int
	OnLeak     func(Leak)

	once sync.Once
	pool Pool
}

// inner returns the pool that keeps the handles and the books.
func (h *Heap) inner() *Pool {
	h.once.Do(func() {
		h.pool.Limit, h.pool.Headroom = h.Limit, h.Headroom
		h.pool.LeakSample, h.pool.OnLeak = h.LeakSample, h.OnLeak
		h.pool.heap = new(heapStore)
	})
	return &h.pool
}

// Alloc implements Allocator.
func (h *Heap) Alloc(n int) *Buf { return h.inner().Alloc(n) }

// TryAlloc implements Allocator.
func (h *Heap) TryAlloc(n int) (*Buf, error) { return h.inner().TryAlloc(n) }

// NewCache returns a cache for the event loop that runs on the calling goroutine: its blocks are Go memory too.
func (h *Heap) NewCache() *Cache { return h.inner().NewCache() }

// Live returns the number of handles that are owned by somebody, as Pool.Live does.
func (h *Heap) Live() int { return h.inner().Live() }

// Held returns the number of bytes of Go memory that buffers are using.
func (h *Heap) Held() int64 { return h.inner().Held() }

// Stats returns a snapshot of the heap's books, as Pool.Stats does. There are no classes.
func (h *Heap) Stats() Stats { return h.inner().Stats() }

// Watched returns the histories of the watched handles that are alive, as Pool.Watched does.
func (h *Heap) Watched() []History { return h.inner().Watched() }

// Pressed tells whether more than three quarters of Limit were in use, as Pool.Pressed does.
func (h *Heap) Pressed() bool { return h.inner().Pressed() }

// Copied returns how many bytes were moved from one block to another, as Pool.Copied does.
func (h *Heap) Copied() int64 { return h.inner().Copied() }

// Close tells whether all was given back: it fails while buffers or caches are in use. There is nothing to unmap. A
// closed heap may be used again.
func (h *Heap) Close() error { return h.inner().Close() }

// heapStore is where the blocks of a Heap come from. The pool's lock guards the list.
type heapStore struct {
	bytes bytebufferpool.Pool
	free  *heapBlock // descriptors without memory, for reuse
	nfree int
}

// keepHeapBlocks is how many descriptors without memory a Heap keeps, about 100 B each.
const keepHeapBlocks = 4096

// A heapBlock is a block of Go memory. It lives on the Go heap and keeps its memory alive.
type heapBlock struct {
	block
	buf  *bytebufferpool.ByteBuffer
	link *heapBlock
}

// heapBlock returns a block of n bytes of Go memory, a size that roundUp has returned: the limit must not depend on what
// happens to come out of the bytebufferpool. The caller holds mu.
func (p *Pool) heapBlock(n int) (*block, error) {
	if p.held+int64(n) > p.limit {
		return nil, ErrLimit
	}
	p.held += int64(n)
	p.books.peak = max(p.books.peak, p.held)
	p.use(int64(n))
	s := p.heap
	h := s.free
	if h != nil {
		s.free, h.link = h.link, nil
		s.nfree--
	} else {
		h = &heapBlock{block: block{pool: p, class: classHeap}}
		h.refs.Store(firstShares)
	}
	h.buf = s.bytes.Get()
	if cap(h.buf.B) < n {
		h.buf.B = make([]byte, n)
	}
	h.buf.B = h.buf.B[:n] // its length tells the bytebufferpool which sizes are in use
	h.mem, h.size = unsafe.Pointer(unsafe.SliceData(h.buf.B)), uint32(n)
	return &h.block, nil
}

// putHeap takes back a block that heapBlock made.
func (p *Pool) putHeap(b *block) {
	h := (*heapBlock)(unsafe.Pointer(b))
	buf := h.buf
	h.buf, h.mem = nil, nil
	p.mu.Lock()
	s := p.heap
	p.held -= int64(h.size)
	p.use(-int64(h.size))
	if s.nfree < keepHeapBlocks {
		h.link, s.free = s.free, h
		s.nfree++
	}
	p.mu.Unlock()
	s.bytes.Put(buf)
}
