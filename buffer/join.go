package buffer

import "unsafe"

// smallPiece is the size up to which Append copies: linking a piece costs an iovec, 35 to 50 ns in the kernel, and a
// peer that sends one byte at a time must not be able to grow a list of a million views.
const smallPiece = 256

// Append adds the bytes of o and consumes it. It does the cheapest of these that applies: it makes one view of two
// that lie side by side in one block; it moves b's few bytes into the headroom of o, where a header belongs; it copies
// up to 256 bytes; it links the views of o. It panics if o is b.
func (b *Buf) Append(o *Buf) { b.Gather(o, smallPiece) }

// Gather is Append with another limit: it copies up to limit bytes rather than link them. Those who collect pieces of a
// message over some time use it, so that small pieces do not keep the large blocks in place that they were read into.
func (b *Buf) Gather(o *Buf, limit int) {
	o.mustOwn()
	b.mustLive()
	o.showing()
	switch {
	case o == b:
		panic("buffer: Append of a Buf to itself")
	case o.size == 0:
		o.Release()
		return
	case b.size == 0:
		b.dropSegs(b.local())
		b.flags &^= room | seen | torn
		b.take(o)
		return
	}
	if b.joins(o) {
		b.join(o)
		o.discardHandle()
		return
	}
	switch {
	case b.size <= int(o.one.lead) && b.size <= smallPiece && len(b.more) == 0:
		copy(o.Prepend(b.size), b.one.bytes())
		o.flags |= b.tears()
		b.countCopy(b.size)
		b.dropSegs(b.local())
		b.flags &^= room | seen | torn
		b.take(o)
	case o.size <= limit:
		b.copyIn(o)
	default:
		b.dropEmptyTail()
		b.take(o)
	}
}

// take moves all views of o behind those of b, which has no empty view at its end, and gives up the handle o.
func (b *Buf) take(o *Buf) {
	b.flags = b.flags&^room | o.flags&room | o.others()
	if b.one.b == nil {
		b.one, o.one = o.one, seg{}
		b.size = o.size
		if len(o.more) > 0 {
			b.more, o.more = o.more, b.more
		}
		o.discardHandle()
		return
	}
	first := o.one
	first.lead = 0
	b.push(first)
	for i := range o.more {
		b.push(o.more[i])
	}
	o.discardHandle()
}

// others returns overlap if another handle may show some of the same bytes, and torn if some were lost, for the handle that
// they move to.
func (b *Buf) others() flag {
	if b.flags&seen != 0 {
		return overlap | b.flags&torn
	}
	return b.flags & torn
}

// discardHandle releases a handle whose views have moved elsewhere.
func (o *Buf) discardHandle() {
	o.one, o.size = seg{}, 0
	o.clearMore()
	if o.flags&watch != 0 {
		o.record().passed("passed on to another Buf")
	}
	if c := o.local(); c != nil {
		c.put(o)
		return
	}
	o.home.putElsewhere(o)
}

// joins tells whether o is one view that follows the last byte of b in its block.
func (b *Buf) joins(o *Buf) bool {
	s := b.last()
	return s.b == o.one.b && s.end == o.one.off && len(o.more) == 0 && s.share+o.one.share > 0
}

// join moves the only view of o, which follows b, into the last view of b.
func (b *Buf) join(o *Buf) {
	s := b.last()
	s.end = o.one.end
	s.share += o.one.share
	b.size += o.size
	b.flags = b.flags&^room | o.flags&room | o.others()
}

// copyIn appends a copy of the bytes of o and consumes it, also when the allocator is at its limit.
func (b *Buf) copyIn(o *Buf) {
	defer o.Release()
	for i := range o.Segments() {
		b.Write(o.seg(i).bytes())
	}
	b.flags |= o.tears()
	b.countCopy(o.size)
}

// dropEmptyTail removes an empty view at the end, left by a Tail without Commit.
func (b *Buf) dropEmptyTail() {
	if s := b.last(); s.len() == 0 && len(b.more) > 0 {
		s.drop(b.local())
		*s = seg{}
		b.more = b.more[:len(b.more)-1]
		b.flags &^= room
	}
}

// Prepend adds n bytes in front and returns them for writing: from the headroom, or in a new block that is linked in
// front. What they hold before they are written is undefined. The slice is valid until the next call of a method of b.
func (b *Buf) Prepend(n int) []byte {
	s := &b.one
	if uint(n-1) >= uint(s.lead) {
		return b.prependBlock(n)
	}
	b.writing()
	s.off -= uint32(n)
	s.lead -= uint32(n)
	b.size += n
	return unsafe.Slice((*byte)(unsafe.Add(s.b.mem, s.off)), n)
}

// prependBlock links a fresh block in front, filled from its end so that the next Prepend finds headroom.
func (b *Buf) prependBlock(n int) []byte {
	b.mustLive()
	if n <= 0 {
		if n == 0 {
			return nil
		}
		panic("buffer: Prepend of a negative number")
	}
	blk := b.block(max(n, minBlock))
	front := seg{b: blk, off: blk.size - uint32(n), end: blk.size, share: firstShares, lead: blk.size - uint32(n)}
	if b.size == 0 {
		b.dropSegs(b.local())
		b.flags &^= room | seen | torn
		b.one, b.size = front, n
		return front.bytes()
	}
	old := b.one
	if len(b.more) > 0 {
		old.lead = b.more[0].lead - uint32(old.len())
	} else {
		old.lead = uint32(n)
	}
	b.more = append(b.more, seg{})
	copy(b.more[1:], b.more)
	b.more[0] = old
	b.one = front
	b.size += n
	return front.bytes()
}

// Own makes b independent of larger blocks: when its views keep more than twice its size in memory, or lie in several
// pieces, the bytes are copied into one block of their own size. Those who keep a message, rather than
// pass it on, call it so that 60 bytes do not keep the 64 KiB in place that they were read into.
func (b *Buf) Own() {
	kept := 0
	for i := range b.Segments() {
		kept += int(b.seg(i).b.size)
	}
	if b.size > 0 && (kept > 2*b.size+minBlock || len(b.more) > 0) {
		b.recopy()
	}
}

// Bytes returns the bytes as one slice, borrowed until the next call of a method of b. If they lie in several pieces
// they are copied into one first.
func (b *Buf) Bytes() []byte {
	if b.Len() == 0 {
		return nil
	}
	if len(b.more) > 0 {
		b.dropEmptyTail()
		if len(b.more) > 0 {
			b.recopy()
		}
	}
	return b.one.bytes()
}

// First returns the first of the pieces that the bytes lie in, nil if there are none. It is borrowed as what Bytes returns,
// and nothing is copied.
func (b *Buf) First() []byte {
	if b.Len() == 0 {
		return nil
	}
	if s := &b.one; s.end != s.off {
		return s.bytes()
	}
	for i := range b.more {
		if s := &b.more[i]; s.end != s.off {
			return s.bytes()
		}
	}
	return nil
}

// recopy puts all bytes into one fresh block.
func (b *Buf) recopy() {
	n, s := b.size, b.copied()
	t := b.tears()
	b.showing()
	b.dropSegs(b.local())
	b.one, b.size = s, n
	b.flags = b.flags&^seen | room | t
}

// copied returns a view of a fresh block with a copy of all bytes, behind headroom.
func (b *Buf) copied() seg {
	want, head := withHeadroom(b.size, b.home.head)
	blk := b.block(want)
	s := seg{b: blk, off: uint32(head), end: uint32(head + b.size), share: firstShares, lead: uint32(head)}
	b.CopyAt(s.bytes(), 0)
	b.countCopy(b.size)
	return s
}

// Copy returns a new handle on a copy of all bytes, in a block of its own. It shares nothing with b.
func (b *Buf) Copy() *Buf {
	if b.Len() == 0 {
		return b.sibling()
	}
	s := b.copied()
	o := b.sibling()
	o.one, o.size = s, b.size
	o.flags |= room | b.tears()
	return o
}
