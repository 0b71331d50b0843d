package buffer

import "math"

// A Buf is a handle on bytes in one or more blocks, which it presents as one run of Len bytes.
//
//	Buf ── one ──► block      the first view, inside the handle
//	    └─ more ─► block, block, ...   further views; the slice stays with the handle when it is reused
//
// A Buf has one owner at a time: see the package comment for what that means. The zero Buf is not usable; an
// Allocator, Wrap, or a method of another Buf makes one.
type Buf struct {
	next *Buf // free list, queue, or a reader's list of what was taken
	size int
	home *Cache // where the handle goes when it is released

	one   seg
	more  []seg
	flags flag
	gen   uint32 // how often the handle was released
}

type flag uint8

const (
	live    flag = 1 << iota // somebody owns the handle
	room                     // nobody else has a view behind the last one in its block: it may grow in place
	overlap                  // another handle may show some of the same bytes
	queued                   // a Queue owns the handle
	lent                     // a driver's Reader took bytes from here that this handle may still show
	watch                    // it is part of a watched, see there; the only flag that outlives the owner
	torn                     // some bytes were copied out of a mapped file when they were lost already, see Err

	seen = overlap | lent
)

// A seg is a view of a block.
type seg struct {
	b        *block
	off, end uint32
	share    int32  // shares of the block that this view holds
	lead     uint32 // of the first view: bytes in front that belong to it; of the others: where they start, see locate
}

func (s *seg) len() int      { return int(s.end - s.off) }
func (s *seg) bytes() []byte { return s.b.bytes(s.off, s.end) }

// Len returns the number of bytes.
func (b *Buf) Len() int {
	if b.size < 0 {
		b.notOwned()
	}
	return b.size
}

// Size returns the number of bytes as an int64. With Release it makes a *Buf a channel.Part.
func (b *Buf) Size() int64 { return int64(b.Len()) }

// Segments returns the number of pieces that the bytes lie in.
func (b *Buf) Segments() int {
	if b.one.b == nil {
		b.mustLive()
		return 0
	}
	return 1 + len(b.more)
}

// Release ends the ownership of the handle. It panics when the handle was released before and not reused since.
func (b *Buf) Release() {
	c := b.home
	if c.owner.Load() == getg() {
		if !c.quickRelease(b) {
			c.slowRelease(b)
		}
		return
	}
	if c.pool.releaseShared(b) {
		return
	}
	b.mustOwn()
	b.showing()
	b.dropSegs(nil)
	c.putElsewhere(b)
}

// releaseShared is quickRelease on a goroutine without a loop.
func (p *Pool) releaseShared(b *Buf) bool {
	if b.one.share != firstShares || b.flags&watch != 0 {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	home := b.home
	b.home = &p.shared
	if p.shared.quickRelease(b) {
		p.startTicking()
		return true
	}
	b.home = home
	return false
}

// release is Release on the goroutine of c. The handle may come from elsewhere.
func (c *Cache) release(b *Buf) {
	if !c.quickRelease(b) {
		c.slowRelease(b)
	}
}

func (c *Cache) slowRelease(b *Buf) {
	b.mustOwn()
	b.showing()
	b.dropSegs(c)
	c.put(b)
}

// mustOwn panics unless the handle is in the hands of the code that calls.
func (b *Buf) mustOwn() {
	if b.flags&(live|queued) != live {
		b.notOwned()
	}
}

// mustLive panics if nobody owns the handle. Methods call it when an argument does not suit, or there is nothing to do: a
// handle that nobody owns has the size dead and no view, so every use of it ends there.
func (b *Buf) mustLive() {
	if b.flags&live == 0 {
		b.notOwned()
	}
}

// changing is called by methods before they change bytes that the handle shows.
func (b *Buf) changing() {
	if b.flags&(watch|overlap) != 0 {
		b.change()
	}
}

// writing is called by methods before they write beside the bytes that the handle shows.
func (b *Buf) writing() {
	if b.flags&watch != 0 {
		b.unseal()
	}
}

// showing is called by methods before they change which bytes the handle shows.
func (b *Buf) showing() {
	if b.flags&watch != 0 {
		b.unshare()
	}
}

// dropSegs lets go of all views. c is the cache of the running loop or nil.
func (b *Buf) dropSegs(c *Cache) {
	if b.one.b != nil {
		b.one.drop(c)
		b.one = seg{} // the next owner must find neither headroom nor length
	}
	if len(b.more) > 0 {
		for i := range b.more {
			b.more[i].drop(c)
		}
		b.clearMore()
	}
	b.size = 0
}

// clearMore empties the list of further views and keeps a small one for the handle's next use.
func (b *Buf) clearMore() {
	const keep = 64
	if cap(b.more) > keep {
		b.more = nil
		return
	}
	clear(b.more)
	b.more = b.more[:0]
}

// local returns the handle's cache if this code runs on its loop, else nil.
func (b *Buf) local() *Cache {
	if c := b.home; c.owner.Load() == getg() {
		return c
	}
	return nil
}

// sibling returns an empty handle from where b came from.
func (b *Buf) sibling() *Buf {
	if c := b.local(); c != nil {
		return c.empty()
	}
	p := b.home.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shared.empty()
}

// block returns a block for b.
func (b *Buf) block(n int) *block {
	blk, err := b.tryBlock(n)
	if err != nil {
		panic(err)
	}
	return blk
}

func (b *Buf) tryBlock(n int) (*block, error) {
	if c := b.local(); c != nil {
		return c.block(n)
	}
	p := b.home.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shared.block(n)
}

// countCopy notes that n bytes were copied from one block to another.
func (b *Buf) countCopy(n int) {
	if c := b.local(); c != nil {
		c.copied += int64(n)
		return
	}
	p := b.home.pool
	p.mu.Lock()
	p.shared.copied += int64(n)
	p.mu.Unlock()
}

// fewHeadroom is from how many bytes on a buffer gets no larger block for the sake of its headroom: where powers of two are
// asked for, that would be a quarter more.
const fewHeadroom = 4 << 10

// withHeadroom returns how large a block n bytes want, and how much of it is headroom.
func withHeadroom(n, head int) (want, have int) {
	if n < fewHeadroom {
		return n + head, head
	}
	if n > maxBlock {
		return n + min(head, math.MaxInt-n), head // what no block can hold is refused later
	}
	if roundUp(n)-n < head {
		return n, 0
	}
	return n, head
}

// open makes n bytes behind some headroom the first view of b.
func (b *Buf) open(blk *block, head, n int) {
	s := &b.one // set one by one: a struct would be put together elsewhere, and copied
	s.b, s.share = blk, firstShares
	s.off, s.lead, s.end = uint32(head), uint32(head), uint32(head+n)
	b.flags |= room
}

// start gives an empty handle its first block, with headroom and room for n bytes.
func (b *Buf) start(c *Cache, n int) error {
	want, head := withHeadroom(n, c.head)
	blk, err := c.block(want)
	if err != nil {
		return err
	}
	b.open(blk, head, 0)
	return nil
}

// last returns the last view. b has one.
func (b *Buf) last() *seg {
	if n := len(b.more); n > 0 {
		return &b.more[n-1]
	}
	return &b.one
}

// push links a view at the end. Its shares move to b.
func (b *Buf) push(s seg) {
	if b.one.b == nil {
		b.one = s
		b.size += s.len()
		return
	}
	prev := b.last()
	if prev == &b.one {
		s.lead = uint32(prev.len()) // start of the coordinate of locate: the front of b.one is 0
	} else {
		s.lead = prev.lead + uint32(prev.len())
	}
	b.more = append(b.more, s)
	b.size += s.len()
}

// seg returns view i.
func (b *Buf) seg(i int) *seg {
	if i == 0 {
		return &b.one
	}
	return &b.more[i-1]
}
