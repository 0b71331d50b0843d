package buffer

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"unsafe"
)

// ErrLimit says that memory was asked for beyond the byte limit of a pool.
var ErrLimit = errors.New("buffer: pool is at its limit")

// An Allocator makes buffers. Pool, Heap and Cache are Allocators.
type Allocator interface {
	// Alloc returns an empty buffer with room for at least n bytes. It panics with ErrLimit when the
	// allocator is at its limit: for code that cannot go on without memory, inside a handler, whose
	// channel the loop then closes.
	Alloc(n int) *Buf
	// TryAlloc is Alloc that returns ErrLimit instead of panicking.
	TryAlloc(n int) (*Buf, error)
}

// DefaultLimit is the limit of a Pool whose Limit is zero, where the system does not tell how much memory it has.
// Elsewhere that is half of the machine's memory.
const DefaultLimit = 4 << 30

// DefaultHeadroom is the free front of fresh buffers of a Pool or Heap whose Headroom is zero: enough for the header
// of most framing formats.
const DefaultHeadroom = 16

// A Pool makes buffers from memory outside the Go heap. The zero value is ready to use and safe for use by several
// goroutines; fields are read at the first allocation and must not change after it.
//
// An event loop does not use its pool directly but through a Cache of its own.
type Pool struct {
	// Limit is the most memory the pool maps, in bytes. Zero means half of the machine's memory, negative means
	// no limit.
	Limit int64
	// Headroom is the number of free bytes in front of fresh buffers. Zero means DefaultHeadroom, negative
	// means none.
	Headroom int

	mu     sync.Mutex
	ready  bool
	limit  int64
	heap   *heapStore          // Go memory instead of chunks, for Heap
	shared Cache               // handles and blocks of goroutines without a loop, under mu
	caches map[*Cache]struct{} // of loops
	chunks [][]byte
	held   int64 // bytes mapped, or bytes of Go memory in use
	spare  [numClasses]freeList
}

// Default is the pool of servers and clients that were not given one.
var Default = new(Pool)

// mappedPools keeps pools alive whose blocks lie outside the Go heap, where the collector does not look.
var mappedPools sync.Map

type freeList struct {
	head *block
	n    int
}

func (l *freeList) push(b *block) { b.next, l.head, l.n = l.head, b, l.n+1 }

func (l *freeList) pop() *block {
	b := l.head
	l.head, b.next = b.next, nil
	l.n--
	return b
}

// prepare reads the configuration. The caller holds mu.
func (p *Pool) prepare() {
	if p.ready {
		return
	}
	p.ready = true
	p.shared.pool = p
	p.shared.owner.Store(nobody)
	p.caches = make(map[*Cache]struct{})
	switch p.limit = p.Limit; {
	case p.limit < 0:
		p.limit = 1<<63 - 1
	case p.limit == 0:
		if p.limit = systemMemory() / 2; p.limit == 0 {
			p.limit = DefaultLimit
		}
	}
	switch {
	case p.Headroom == 0:
		p.Headroom = DefaultHeadroom
	case p.Headroom < 0:
		p.Headroom = 0
	}
}

// Alloc implements Allocator.
func (p *Pool) Alloc(n int) *Buf { return mustAlloc(p.TryAlloc(n)) }

func mustAlloc(b *Buf, err error) *Buf {
	if err != nil {
		panic(err)
	}
	return b
}

// TryAlloc implements Allocator.
func (p *Pool) TryAlloc(n int) (*Buf, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prepare()
	return p.shared.TryAlloc(n)
}

// Live returns the number of handles that are owned by somebody. What the loops did since their last turn ended is not yet
// counted; when they have stopped, or sleep, the number is exact.
func (p *Pool) Live() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.shared.live
	for c := range p.caches {
		n += int(c.published.Load())
	}
	return n
}

// Held returns the number of bytes that the pool has mapped.
func (p *Pool) Held() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held
}

// Copied returns how many bytes the buffers of this pool have moved from one block to another so far: in Append, Bytes,
// Own and Copy, and in reads across pieces. What loops copied since their last turn ended is not yet counted.
func (p *Pool) Copied() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.shared.copied
	for c := range p.caches {
		n += c.publishedCpy.Load()
	}
	return n
}

// block returns a block of at least n bytes with all its shares unclaimed. The caller holds mu.
func (p *Pool) block(n int) (*block, error) {
	if p.heap != nil {
		return p.heapBlock(n)
	}
	if n > maxBlock {
		return p.mapLarge(n)
	}
	class := classOf(n)
	if p.spare[class].n == 0 {
		if err := p.addChunk(class); err != nil {
			return nil, err
		}
	}
	return p.spare[class].pop(), nil
}

// addChunk maps memory for the blocks of one class, with their descriptors behind them.
func (p *Pool) addChunk(class int) error {
	size, count := classSize(class), chunkBlocks(class)
	mem, err := p.mapBytes(size*count + count*int(unsafe.Sizeof(block{})))
	if err != nil {
		return err
	}
	p.chunks = append(p.chunks, mem)
	slab := unsafe.Slice((*block)(unsafe.Pointer(&mem[size*count])), count)
	for i := count - 1; i >= 0; i-- {
		b := &slab[i]
		b.mem, b.pool = unsafe.Pointer(&mem[i*size]), p
		b.size, b.class = uint32(size), uint8(class)
		b.refs.Store(firstShares)
		p.spare[class].push(b)
	}
	return nil
}

// mapBytes maps n bytes within the limit.
func (p *Pool) mapBytes(n int) ([]byte, error) {
	if p.held+int64(n) > p.limit {
		return nil, ErrLimit
	}
	mem, err := mapMemory(n)
	if err != nil {
		return nil, err
	}
	if p.held == 0 {
		mappedPools.Store(p, struct{}{})
	}
	p.held += int64(n)
	return mem, nil
}

const (
	page     = 4096
	maxLarge = min(1<<32-page, math.MaxInt-page) // a view counts in 32 bits
)

// mapLarge makes a block beyond the classes: a mapping of its own, given back to the system when it is released.
func (p *Pool) mapLarge(n int) (*block, error) {
	if n > maxLarge {
		return nil, ErrLimit
	}
	n = (n + page - 1) &^ (page - 1)
	mem, err := p.mapBytes(n)
	if err != nil {
		return nil, err
	}
	w := &wrapped{block: block{mem: unsafe.Pointer(&mem[0]), pool: p, size: uint32(n), class: classLarge}}
	w.refs.Store(firstShares)
	w.release = func() { unmapMemory(mem) }
	return &w.block, nil
}

// putShared takes a block back from code that runs on no loop of this pool.
func (p *Pool) putShared(b *block) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if b.class != classLarge {
		p.spare[b.class].push(b)
		return
	}
	p.unmapped(int(b.size))
	(*wrapped)(unsafe.Pointer(b)).release()
}

func (p *Pool) unmapped(n int) {
	if p.held -= int64(n); p.held == 0 {
		mappedPools.Delete(p)
	}
}

// Close gives the pool's memory back to the system. It fails, and does nothing, while buffers or caches of the pool are
// in use. A closed pool may be used again.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := p.shared.live; n != 0 || len(p.caches) != 0 {
		return fmt.Errorf("buffer: pool closed with %d buffers and %d caches in use", n, len(p.caches))
	}
	for i := range p.shared.blocks {
		p.shared.flushBlocks(i, 0)
	}
	for _, mem := range p.chunks {
		p.unmapped(len(mem))
		unmapMemory(mem)
	}
	p.chunks, p.spare = nil, [numClasses]freeList{}
	return nil
}
