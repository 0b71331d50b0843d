package buffer

import (
	"errors"
	"fmt"
	"math"
	"os"
	"sync"
	"sync/atomic"
	"time"
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

// DefaultHeadroom is the free front of fresh buffers of a Pool or Heap whose Headroom is zero: enough for the header
// of most framing formats.
const DefaultHeadroom = 16

const (
	maxHeadroom   = 64 << 10
	maxLeakSample = 1 << 30
)

// A Pool makes buffers from memory outside the Go heap. The zero value is ready to use and safe for use by several
// goroutines; fields are read at the first allocation and must not change after it.
//
//	goroutine of a loop ──► Cache ─┐ handles, and some free blocks of each class: no lock
//	goroutine of a loop ──► Cache ─┤
//	any other goroutine ───────────┴──► Pool ── shelf of a class ── chunk, chunk, ... ── region, region, ... ── mmap(2)
//
// An event loop does not use its pool directly but through a Cache of its own. Blocks wander between the two some at a
// time. A chunk of which nothing is in use goes back to the regions when another class needs its pages; pages that nobody
// needs go back to the system after TrimAfter, or when Trim is called.
type Pool struct {
	// Limit is the most memory the pool maps, in bytes. Zero means half of the memory that this process may have,
	// see DefaultLimit; negative means no limit.
	Limit int64
	// Headroom is the number of free bytes in front of fresh buffers. Zero means DefaultHeadroom, negative
	// means none, and there are 64 KiB at most.
	Headroom int
	// TrimAfter is how long memory stays in the pool unused before it goes back to the system: between one and two
	// times this, and twice as long in the cache of a loop. What is idle beyond 1 MiB and a 32nd of what is in use
	// goes back sixteen times sooner. Zero means DefaultTrimAfter, negative means until Trim is called.
	TrimAfter time.Duration
	// HugePages asks the system for pages of 2 MiB, madvise(2). Chunks are then at least as large, so that a class of which
	// one block is in use holds 2 MiB: for pools of many hundred MiB.
	HugePages bool
	// LeakSample is how many handles are made for one that is watched: if a watched one is lost, that is if the collector
	// finds it unreachable and not released, it is reported with the stack of its making. Zero means about
	// DefaultLeakSample: up to sixteen times that in a busy loop, down to a sixteenth in one that makes few. 1 watches
	// every handle, negative watches none.
	LeakSample int
	// OnLeak, if not nil, is called with each lost handle, on a goroutine of the pool's choosing. Otherwise it is logged
	// by slog.Default, as an error.
	OnLeak func(Leak)
	// Checked finds misuse at the line that did it, see CheckedMode in the package comment. It costs some microseconds
	// for each allocation.
	Checked bool

	mu      sync.Mutex
	ready   bool
	limit   int64
	sample  int
	heap    *heapStore          // Go memory instead of chunks, for Heap
	shared  Cache               // handles and blocks of goroutines without a loop, under mu
	caches  map[*Cache]struct{} // of loops
	shelves [numClasses]shelf
	regions []*region
	tags    *chunk // free ones, for chunks of one block
	tagMem  [][]byte
	ntags   int   // in use
	held    int64 // bytes mapped, or bytes of Go memory in use
	idle    int64 // of these, in chunks of which nothing is in use
	loose   int64 // of these, in pages of regions that belong to no chunk
	used    int64 // bytes of blocks that are neither on a shelf nor free
	books   books

	tick     uint32      // of the trimmer
	nextTick time.Time   // zero if there is nothing to trim
	shedding bool        // there is a tick for what is in excess
	ticking  atomic.Bool // nextTick is not zero
	locked   bool        // pages cannot be given back

	high, low int64       // of used: where pressure begins and ends
	pressed   atomic.Bool // used was above high, and is not yet below low

	watching watching
}

// Default is the pool of servers and clients that were not given one.
var Default = new(Pool)

// mappedPools keeps pools alive whose blocks lie outside the Go heap, where the collector does not look.
var mappedPools sync.Map

// prepare reads the configuration. The caller holds mu.
func (p *Pool) prepare() {
	if p.ready {
		return
	}
	p.ready = true
	p.override(os.Getenv(Environment))
	p.shared.pool = p
	p.shared.owner.Store(nobody)
	p.caches = make(map[*Cache]struct{})
	switch p.limit = p.Limit; {
	case p.limit < 0:
		p.limit = math.MaxInt64
	case p.limit == 0:
		p.limit = DefaultLimit()
	}
	p.high, p.low = marks(p.limit)
	switch {
	case p.Headroom == 0:
		p.Headroom = DefaultHeadroom
	default:
		p.Headroom = min(max(p.Headroom, 0), maxHeadroom)
	}
	if p.TrimAfter == 0 {
		p.TrimAfter = DefaultTrimAfter
	}
	p.ticking.Store(p.TrimAfter < 0) // then nobody needs to start it
	switch p.sample = p.LeakSample; {
	case p.Checked:
		p.sample = 1
	case p.sample == 0:
		p.sample = DefaultLeakSample
	default:
		p.sample = min(p.sample, maxLeakSample)
	}
	if p.guard() {
		startGuards()
	}
	p.shared.open(p)
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

// block returns a block of at least n bytes with all its shares unclaimed. The caller holds mu.
func (p *Pool) block(n int) (*block, error) {
	b, err := p.find(n)
	if err == ErrLimit {
		p.books.refused++
	}
	return b, err
}

// find is block without the books.
func (p *Pool) find(n int) (*block, error) {
	switch {
	case n > maxLarge:
		return nil, ErrLimit
	case p.heap != nil:
		return p.heapBlock(roundUp(n))
	case p.Checked:
		return p.guardBlock(roundUp(n))
	case n > maxBlock:
		return p.mapLarge(roundUp(n))
	}
	class := classOf(n)
	if p.shelves[class].free == 0 {
		if err := p.addChunk(class); err != nil {
			return nil, err
		}
	}
	return p.take(class), nil
}

// take removes a block from its shelf, which has one. The caller holds mu.
func (p *Pool) take(class int) *block {
	b, k, woke := p.shelves[class].take()
	if woke {
		p.idle -= int64(k.pages) * page
	}
	p.use(int64(b.size))
	return b
}

// put gives a block back to its shelf. The caller holds mu.
func (p *Pool) put(b *block) {
	k, idle := p.shelves[b.class].put(b)
	if idle {
		k.idle = p.tick
		p.idle += int64(k.pages) * page
		p.startTicking()
		if p.excess() > 0 {
			p.startShedding()
		}
	}
	p.use(-int64(b.size))
}

// single notes that a block of n bytes which is no part of a chunk is in use, or by a negative n that it is gone. The
// caller holds mu.
func (p *Pool) single(n int64) {
	p.books.large++
	if n < 0 {
		p.books.large -= 2
	}
	p.books.largeBytes += n
	p.hold(n)
	p.use(n)
}

// hold notes that n more bytes are mapped. The caller holds mu.
func (p *Pool) hold(n int64) {
	if p.held == 0 {
		mappedPools.Store(p, struct{}{})
	}
	p.held += n
	if p.held == 0 {
		mappedPools.Delete(p)
	}
	p.books.peak = max(p.books.peak, p.held)
}

// maxLarge is the largest block: a view counts in 32 bits.
const maxLarge = min(1<<32-2*page, math.MaxInt-2*page)

// mapLarge makes a block beyond the classes: a mapping of its own, given back to the system when it is released. The
// caller holds mu.
func (p *Pool) mapLarge(n int) (*block, error) {
	if !p.fits(int64(n)) {
		return nil, ErrLimit
	}
	mem, err := mapMemory(n, p.HugePages)
	if err != nil {
		return nil, err
	}
	p.single(int64(n))
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
		p.put(b)
		return
	}
	p.single(-int64(b.size))
	(*wrapped)(unsafe.Pointer(b)).release()
}

// Close gives the pool's memory back to the system. It fails, and does nothing, while buffers or caches of the pool are
// in use. A closed pool may be used again.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := p.shared.live(); n != 0 || len(p.caches) != 0 {
		return fmt.Errorf("buffer: pool closed with %d buffers and %d caches in use", n, len(p.caches))
	}
	p.giveBack()
	p.shared.free = nil
	return nil
}
