package buffer

import (
	"math"
	"math/rand/v2"
	"time"
)

const (
	// handleSlab is how many handles are made or fetched at a time. One object for the collector is cheaper than many.
	handleSlab = 32
	// keepHandles is how many free handles a cache keeps when it is trimmed, 80 bytes each.
	keepHandles = 1024

	// dead is the size of a handle that nobody owns: it lies below every range that a method may be asked for.
	dead = math.MinInt / 2
)

// get returns a handle whose first view and size the caller sets.
func (c *Cache) get() *Buf {
	if c.free == nil || c.budget <= 0 {
		c.lookAfterHandles()
	}
	b := c.free
	c.free = b.next
	b.flags |= live
	c.budget--
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
	b.size = dead
	b.gen++
	c.returned++
	if b.flags&watch != 0 {
		b.flags = watch
		c.pool.unwatch(b)
		return
	}
	b.flags = 0
	b.next, c.free = c.free, b
}

// putElsewhere takes a handle back on another goroutine than the cache's own: it goes to the pool's shared list, where
// any cache may fetch it, so that one loop making and another goroutine releasing stays bounded.
func (c *Cache) putElsewhere(b *Buf) {
	p := c.pool
	p.mu.Lock()
	b.home = &p.shared
	p.shared.put(b)
	p.mu.Unlock()
}

// lookAfterHandles is called when no handle is free or the budget is used up: then the next handle is watched, see
// watch.go. It leaves a free handle and a budget of at least one.
func (c *Cache) lookAfterHandles() {
	if c.budget <= 0 {
		more := math.MaxInt32
		if n := c.sample(); n > 0 {
			more = 1 + int(rand.Int64N(2*int64(n)-1)) // a fixed distance could always hit the same step of the same request
			if c.goal > 0 || n == 1 {
				c.watchNext()
			}
		}
		c.goal += more
		c.budget += more
	}
	if c.free == nil {
		c.free = c.makeHandles()
	}
}

// sample returns how far apart watched handles are to be, zero or less if there shall be none. By default that follows the
// traffic: a stack costs some microseconds, so a busy loop watches a few hundred handles a second at most, and where there
// is little to do more of them.
func (c *Cache) sample() int {
	p := c.pool
	if p.LeakSample != 0 || p.Checked {
		return p.sample
	}
	now := time.Now()
	switch d := now.Sub(c.sampled); {
	case c.gap == 0:
		c.gap = DefaultLeakSample
	case d < sampleOften:
		c.gap = min(c.gap*2, DefaultLeakSample<<4)
	case d > sampleSeldom:
		c.gap = max(c.gap/2, DefaultLeakSample>>4)
	}
	c.sampled = now
	return c.gap
}

const (
	sampleOften  = 5 * time.Millisecond
	sampleSeldom = 20 * time.Millisecond
)

// makeHandles returns a list of free handles: some that were released on other goroutines, or new ones.
func (c *Cache) makeHandles() *Buf {
	if !c.isShared() {
		if list := c.pool.fetchHandles(c); list != nil {
			return list
		}
	}
	slab := make([]Buf, handleSlab)
	for i := range slab {
		slab[i].home = c
		slab[i].size = dead
		if i > 0 {
			slab[i-1].next = &slab[i]
		}
	}
	return &slab[0]
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

// trimHandles lets go of the free handles beyond some. The collector takes a slab when all in it are free.
func (c *Cache) trimHandles() {
	b := c.free
	for n := 1; b != nil && n < keepHandles; n++ {
		b = b.next
	}
	if b != nil {
		b.next = nil
	}
}
