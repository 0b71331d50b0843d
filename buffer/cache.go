package buffer

import (
	"fmt"
	"math/bits"
	"sync/atomic"
	"time"
)

// nobody is no goroutine: the owner of caches that are used under a lock, and of closed ones.
const nobody = 1

// A Cache is the part of a Pool that belongs to one event loop: free handles, free blocks and the block that the
// loop reads into. It takes no locks. All its methods must be called on the goroutine that owns it, unless it says
// otherwise; the buffers that it makes may go anywhere. The owner is the goroutine that made it, until Disown and Adopt make
// it another one.
type Cache struct {
	owner    atomic.Uintptr // getg of the loop; others only compare it
	closed   bool
	pool     *Pool
	free     *Buf // handles
	budget   int  // handles that may be taken before the next look at what is to be done, see lookAfterHandles
	goal     int  // handles made here, when the budget is used up
	returned int  // handles given back here, wherever they were made
	head     int  // headroom of fresh buffers
	copied   int64
	gap      int       // between watched handles, see sample
	sampled  time.Time // when the latest was made
	touched  uint64    // classes whose stock has changed since Publish, a bit each

	// The block that the loop reads into, see receive.go.
	recv      *block
	recvShare int64 // its shares that no view has
	recvPos   uint32

	readers *Reader // free ones
	reading *Reader // those in use, the innermost first

	blocks [numClasses]stack
	recent uint64 // classes whose stock has changed since Trim

	// For other goroutines.
	published struct {
		live, copied atomic.Int64
		made         atomic.Uint64
	}
	stock  [numClasses]atomic.Int32 // free blocks
	asked  atomic.Int32             // what the pool has asked for, and Trim has not yet done
	onTrim func()                   // under the pool's lock
}

// A stack is a cache's stock of free blocks of one class.
type stack struct {
	top  *block
	n    int32
	keep int32 // more than these go to the pool
}

// What a cache keeps of each class: 32 KiB worth, at least four blocks of the classes up to 256 KiB, one of those up to
// 1 MiB. Of a small pool, no more than a part: its loops together must not hold what it has.
const (
	stockBytes  = 32 << 10
	stockFour   = 256 << 10
	stockShare  = 4096 // of the pool's limit, for many blocks
	stockSingle = 1024 // for a few
)

// open makes c a cache of p.
func (c *Cache) open(p *Pool) {
	c.pool, c.head = p, p.Headroom
	most := int(min(stockBytes, p.limit/stockShare))
	for class := range c.blocks {
		size := classSize(class)
		least := 0
		switch {
		case int64(size) > p.limit/stockSingle:
		case size <= stockFour:
			least = 4
		default:
			least = 1
		}
		c.blocks[class].keep = int32(max(most/size, least))
	}
}

// NewCache returns a cache for the event loop that runs on the calling goroutine.
func (p *Pool) NewCache() *Cache {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prepare()
	p.checkTicking()
	c := new(Cache)
	c.open(p)
	c.owner.Store(max(getg(), nobody))
	p.caches[c] = struct{}{}
	return c
}

// Adopt makes the calling goroutine the owner of the cache. It is for loops that are not one goroutine but a lock, which
// several take in turn: each calls Adopt when it has got the lock, and Disown before it gives the lock up. Nobody may own the
// cache at that time. A closed cache is not adopted.
func (c *Cache) Adopt() {
	if !c.closed {
		c.owner.Store(max(getg(), nobody))
	}
}

// Disown ends the ownership of the calling goroutine: buffers that it releases from now on go to the pool, and no method may
// be called until somebody has adopted the cache. Without it another goroutine that is given the same memory later, or
// code that this one calls without the lock, would be taken for the loop.
func (c *Cache) Disown() { c.owner.Store(nobody) }

// Close gives everything in the cache back to its pool. Buffers that came from the cache stay valid.
func (c *Cache) Close() {
	c.closed = true
	c.dropReceive()
	p := c.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	for class := range c.blocks {
		c.flush(class, 0)
	}
	c.owner.Store(nobody) // from now on handles from here go to the pool
	p.shared.goal += c.goal - c.budget
	p.shared.returned += c.returned
	p.shared.copied += c.copied
	c.goal, c.budget, c.returned, c.copied = 0, 0, 0, 0
	c.free = nil
	delete(p.caches, c)
}

// made returns how many handles were taken here.
func (c *Cache) made() uint64 { return uint64(c.goal - c.budget) }

// live returns the number of handles taken here minus those given back here. The sum over all caches is the number of those
// in use.
func (c *Cache) live() int { return c.goal - c.budget - c.returned }

// Publish makes the cache's counters visible to other goroutines. An event loop calls it once a turn.
func (c *Cache) Publish() {
	if c.touched != 0 && !c.pool.ticking.Load() {
		c.pool.mu.Lock()
		c.pool.startTicking() // there may be stock that is not needed soon
		c.pool.mu.Unlock()
	}
	c.publish()
}

func (c *Cache) publish() {
	if n := c.made(); n != c.published.made.Load() {
		c.published.made.Store(n)
	}
	if n := int64(c.live()); n != c.published.live.Load() {
		c.published.live.Store(n)
	}
	if n := c.copied; n != c.published.copied.Load() {
		c.published.copied.Store(n)
	}
	for m := c.touched; m != 0; m &= m - 1 {
		class := bits.TrailingZeros64(m)
		if n := c.blocks[class].n; n != c.stock[class].Load() {
			c.stock[class].Store(n)
		}
	}
	c.recent |= c.touched
	c.touched = 0
}

// OnTrim sets the function that is called, on another goroutine, when the pool wants the cache to be trimmed: it is to
// see that the loop calls Trim. It may be called from outside of a bubble of testing/synctest that the cache was made in.
func (c *Cache) OnTrim(f func()) {
	c.pool.mu.Lock()
	c.onTrim = f
	c.pool.mu.Unlock()
}

// What a cache is asked for.
const (
	trimUnused = 1 // what it did not need lately
	trimAll    = 2
)

// Trim gives blocks back to the pool that the loop did not need lately: those of classes of which it has neither taken nor
// given back a block since the last call, or all of them when Pool.Trim was called. It also lets go of
// free handles beyond a thousand.
func (c *Cache) Trim() {
	c.Publish()
	if c.recv != nil && c.recv.refs.Load() == c.recvShare {
		c.dropReceive()
	}
	c.trimHandles()
	all := c.asked.Swap(0) == trimAll
	p := c.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	for class := range c.blocks {
		if all || c.recent&(1<<class) == 0 {
			c.flush(class, 0)
		}
	}
	c.publish()
	c.recent = 0
}

// shed gives all blocks and many handles of the cache of goroutines without a loop back. The caller holds the pool's lock.
func (c *Cache) shed() {
	for class := range c.blocks {
		c.flush(class, 0)
	}
	c.trimHandles()
}

// Alloc implements Allocator.
func (c *Cache) Alloc(n int) *Buf {
	if b := c.quick(n); b != nil {
		return b
	}
	return mustAlloc(c.alloc(n))
}

// TryAlloc implements Allocator.
func (c *Cache) TryAlloc(n int) (*Buf, error) {
	if b := c.quick(n); b != nil {
		return b, nil
	}
	return c.alloc(n)
}

// Pool returns the pool that the cache is a part of. Any goroutine may call it.
func (c *Cache) Pool() *Pool { return c.pool }

// quick is alloc from what is in stock, else nil.
func (c *Cache) quick(n int) *Buf {
	head := c.head
	want := n + head
	if n <= 0 || uint(want) > maxBlock {
		return nil
	}
	if n >= fewHeadroom {
		want = n
	}
	class := classOf(want)
	if n >= fewHeadroom && classSize(class)-n < head {
		head = 0
	}
	s := &c.blocks[class]
	blk, b := s.top, c.free
	if blk == nil || b == nil || c.budget <= 0 {
		return nil
	}
	s.top, c.free = blk.next, b.next
	s.n--
	c.budget--
	c.touched |= 1 << class
	b.next, b.one.b = nil, blk
	b.one.off, b.one.end, b.one.lead, b.one.share = uint32(head), uint32(head), uint32(head), firstShares
	b.size = 0
	b.flags = live | room
	return b
}

// quickRelease is the counterpart of quick: it takes back a handle that is this cache's own and has one view, of the block that
// the loop reads into or of one that it holds alone. It does nothing and returns false if anything is not as usual.
func (c *Cache) quickRelease(b *Buf) bool {
	blk := b.one.b
	if b.flags&(live|queued|watch) != live || blk == nil || len(b.more) != 0 || b.home != c {
		return false
	}
	if blk == c.recv {
		c.recvShare += int64(b.one.share)
	} else {
		if b.one.share != firstShares || blk.refs.Load() != firstShares || blk.pool != c.pool || blk.class >= numClasses {
			return false
		}
		s := &c.blocks[blk.class]
		if s.n >= s.keep {
			return false
		}
		raceWrite(blk.bytes(0, blk.size))
		blk.next, s.top = s.top, blk
		s.n++
		c.touched |= 1 << blk.class
	}
	b.one, b.size, b.flags = seg{}, dead, 0
	b.gen++
	c.returned++
	b.next, c.free = c.free, b
	return true
}

func (c *Cache) alloc(n int) (*Buf, error) {
	if n < 0 {
		panic(fmt.Sprintf("buffer: Alloc(%d)", n))
	}
	b := c.empty()
	if n == 0 {
		return b, nil
	}
	if err := b.start(c, n); err != nil {
		c.put(b)
		return nil, err
	}
	return b, nil
}

// isShared tells whether c is the part of its pool that is used under the pool's lock. Its owner cannot tell: where
// goroutines cannot be told apart, nobody owns the caches of loops either.
func (c *Cache) isShared() bool { return c == &c.pool.shared }

// block returns a block of at least n bytes, all its shares unclaimed.
func (c *Cache) block(n int) (*block, error) {
	if uint(n) <= maxBlock {
		class := classOf(n)
		if s := &c.blocks[class]; s.n > 0 {
			c.touched |= 1 << class
			return s.pop(), nil
		}
	}
	if c.isShared() {
		return c.pool.block(n)
	}
	return c.refill(n)
}

func (s *stack) pop() *block {
	b := s.top
	s.top, b.next = b.next, nil
	s.n--
	return b
}

// refill takes some blocks of a class from the pool and returns one.
func (c *Cache) refill(n int) (*block, error) {
	p := c.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	b, err := p.block(n)
	if err != nil || b.class >= numClasses {
		return b, err
	}
	p.books.refills++
	p.startTicking()
	class := int(b.class)
	s := &c.blocks[class]
	for range min(int(s.keep)/2, p.shelves[class].free) {
		more := p.take(class)
		more.next, s.top = s.top, more
		s.n++
	}
	c.touched |= 1 << class
	return b, nil
}

// putBlock keeps a free block, or gives half of what it has to the pool.
func (c *Cache) putBlock(b *block) {
	s := &c.blocks[b.class]
	b.next, s.top = s.top, b
	c.touched |= 1 << b.class
	if s.n++; s.n > s.keep {
		c.overflow(int(b.class))
	}
}

func (c *Cache) overflow(class int) {
	c.pool.mu.Lock()
	c.flush(class, c.blocks[class].n/2)
	c.pool.mu.Unlock()
}

// flush gives blocks of a class back to the pool until keep are left. The caller holds the pool's lock.
func (c *Cache) flush(class int, keep int32) {
	s := &c.blocks[class]
	if s.n > keep {
		c.touched |= 1 << class
	}
	for s.n > keep {
		c.pool.put(s.pop())
	}
}
