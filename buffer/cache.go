package buffer

import "sync/atomic"

// nobody is no goroutine: the owner of caches that are used under a lock, and of closed ones.
const nobody = 1

// A Cache is the part of a Pool that belongs to one event loop: free handles, free blocks and the block that the
// loop reads into. It takes no locks. All its methods must be called on the goroutine that made it, unless it says
// otherwise; the buffers that it makes may go anywhere.
type Cache struct {
	owner atomic.Uintptr // getg of the loop; others only compare it
	pool  *Pool
	free  *Buf // handles
	live  int  // handles taken minus handles given back here

	// The block that the loop reads into, see receive.go.
	recv      *block
	recvShare int64 // its shares that no view has
	recvPos   uint32

	readers *Reader // free ones
	reading *Reader // those in use, the innermost first
	copied  int64   // bytes moved from one block to another

	published    atomic.Int64 // live, for other goroutines
	publishedCpy atomic.Int64 // copied
	blocks       [numClasses]freeList
}

// NewCache returns a cache for the event loop that runs on the calling goroutine.
func (p *Pool) NewCache() *Cache {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prepare()
	c := &Cache{pool: p}
	c.owner.Store(max(getg(), nobody))
	p.caches[c] = struct{}{}
	return c
}

// Close gives everything in the cache back to its pool. Buffers that came from the cache stay valid.
func (c *Cache) Close() {
	c.dropReceive()
	p := c.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range c.blocks {
		c.flushBlocks(i, 0)
	}
	c.owner.Store(nobody) // from now on handles from here go to the pool
	p.shared.live += c.live
	p.shared.copied += c.copied
	c.live, c.copied = 0, 0
	delete(p.caches, c)
}

// Publish makes the cache's counters visible to other goroutines. An event loop calls it once a turn.
func (c *Cache) Publish() {
	if n := int64(c.live); n != c.published.Load() {
		c.published.Store(n)
	}
	if n := c.copied; n != c.publishedCpy.Load() {
		c.publishedCpy.Store(n)
	}
}

// Alloc implements Allocator.
func (c *Cache) Alloc(n int) *Buf { return mustAlloc(c.TryAlloc(n)) }

// Pool returns the pool that the cache is a part of. Any goroutine may call it.
func (c *Cache) Pool() *Pool { return c.pool }

// isShared tells whether c is the part of its pool that is used under the pool's lock. Its owner cannot tell: where
// goroutines cannot be told apart, nobody owns the caches of loops either.
func (c *Cache) isShared() bool { return c == &c.pool.shared }

// TryAlloc implements Allocator.
func (c *Cache) TryAlloc(n int) (*Buf, error) {
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

// get returns a handle whose first view and size the caller sets.
func (c *Cache) get() *Buf {
	if c.free == nil {
		c.makeHandles()
	}
	b := c.free
	c.free = b.next
	b.flags = live
	c.live++
	return b
}

// empty returns an empty handle.
func (c *Cache) empty() *Buf {
	b := c.get()
	b.next, b.one, b.size = nil, seg{}, 0
	return b
}

// put takes a handle back whose views are gone, on this cache's goroutine (or under its pool's lock).
func (c *Cache) put(b *Buf) {
	if b.home != c {
		b.home.putElsewhere(b)
		return
	}
	b.flags = 0
	b.gen++
	b.next, c.free = c.free, b
	c.live--
}

// putElsewhere takes a handle back on another goroutine than the cache's own: it goes to the pool's shared list, where
// any cache may fetch it, so that one loop making and another goroutine releasing stays bounded.
func (c *Cache) putElsewhere(b *Buf) {
	p := c.pool
	p.mu.Lock()
	p.putHandle(b)
	p.mu.Unlock()
}

func (p *Pool) putHandle(b *Buf) {
	b.home = &p.shared
	p.shared.put(b)
}

// handleSlab is how many handles are made or fetched at a time. One object for the collector is cheaper than many.
const handleSlab = 32

// makeHandles fills the empty list of free handles with those that were released on other goroutines, or with new ones.
func (c *Cache) makeHandles() {
	if !c.isShared() {
		if c.free = c.pool.fetchHandles(c); c.free != nil {
			return
		}
	}
	slab := make([]Buf, handleSlab)
	for i := range slab {
		slab[i].home = c
		if i > 0 {
			slab[i-1].next = &slab[i]
		}
	}
	c.free = &slab[0]
}

// fetchHandles moves some of the free handles of the shared list to c, on its goroutine.
func (p *Pool) fetchHandles(c *Cache) *Buf {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list *Buf
	for range handleSlab {
		b := p.shared.free
		if b == nil {
			break
		}
		p.shared.free = b.next
		b.home, b.next = c, list
		list = b
	}
	return list
}

// block returns a block of at least n bytes, all its shares unclaimed.
func (c *Cache) block(n int) (*block, error) {
	if n <= maxBlock {
		if l := &c.blocks[classOf(n)]; l.n > 0 {
			return l.pop(), nil
		}
	}
	if c.isShared() {
		return c.pool.block(n)
	}
	return c.refill(n)
}

// cached returns how many blocks of a class a cache keeps at most: 256 KiB worth, and at least four.
func cached(class int) int { return max(256<<10/classSize(class), 4) }

// refill takes some blocks of a class from the pool and returns one.
func (c *Cache) refill(n int) (*block, error) {
	p := c.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	b, err := p.block(n)
	if err != nil || p.heap != nil || n > maxBlock {
		return b, err
	}
	class := classOf(n)
	for range min(cached(class)/2, p.spare[class].n) {
		c.blocks[class].push(p.spare[class].pop())
	}
	return b, nil
}

// putBlock keeps a free block, or gives half of what it has to the pool.
func (c *Cache) putBlock(b *block) {
	l := &c.blocks[b.class]
	l.push(b)
	if l.n > cached(int(b.class)) {
		p := c.pool
		p.mu.Lock()
		c.flushBlocks(int(b.class), l.n/2)
		p.mu.Unlock()
	}
}

// flushBlocks gives blocks of a class back to the pool until keep are left. The caller holds the pool's lock.
func (c *Cache) flushBlocks(class, keep int) {
	for l := &c.blocks[class]; l.n > keep; {
		c.pool.spare[class].push(l.pop())
	}
}
