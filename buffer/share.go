package buffer

import "fmt"

// Slice returns a new handle on bytes [i, j). Both handles own what they show; neither sees what the other appends or
// prepends. It panics unless 0 <= i <= j <= Len.
func (b *Buf) Slice(i, j int) *Buf {
	b.checkRange(i, j)
	o := b.sibling()
	if i == j {
		return o
	}
	b.flags |= overlap
	o.flags |= overlap | b.flags&torn
	if j <= b.one.len() { // as nearly always
		o.one, o.size = b.one.part(i, j), j-i
	} else {
		k, at := b.locate(i)
		for n := j - i; n > 0; k, at = k+1, 0 {
			s := b.seg(k)
			m := min(n, s.len()-at)
			if m > 0 {
				o.push(s.part(at, at+m))
			}
			n -= m
		}
	}
	if b.flags&o.flags&watch != 0 {
		b.seal(o)
	}
	return o
}

// part returns a view of bytes [i, j) of a view.
func (s *seg) part(i, j int) seg {
	return seg{b: s.b, off: s.off + uint32(i), end: s.off + uint32(j), share: s.give(1 << 30)}
}

// Clone returns a new handle on all bytes.
func (b *Buf) Clone() *Buf { return b.Slice(0, b.size) }

// Split returns a new handle on the first n bytes and leaves b the rest. The two do not overlap. It panics unless
// 0 <= n <= Len.
func (b *Buf) Split(n int) *Buf {
	b.checkRange(0, n)
	o := b.sibling()
	b.splitTo(o, n)
	return o
}

// splitTo moves the first n bytes of b to the empty handle o.
func (b *Buf) splitTo(o *Buf, n int) {
	b.showing()
	o.flags |= b.others()
	for n > 0 {
		s := &b.one
		m := s.len()
		if m > n { // cut this view in two
			head := seg{b: s.b, off: s.off, end: s.off + uint32(n), share: s.give(1 << 30), lead: s.lead}
			if o.one.b != nil {
				head.lead = 0
			}
			o.push(head)
			s.off, s.lead = head.end, 0
			b.size -= n
			return
		}
		if m == b.size && b.flags&room != 0 && len(b.more) == 0 {
			// The last view goes whole; who gets its room? The rest keeps it, as an empty view.
			keep := seg{b: s.b, off: s.end, end: s.end, share: s.give(1 << 30)}
			o.push(*s)
			b.one, b.size = keep, 0
			return
		}
		o.push(*s)
		b.dropFirst()
		b.size -= m
		n -= m
	}
}

// dropFirst removes the first view from the list; what it held has moved elsewhere.
func (b *Buf) dropFirst() {
	if len(b.more) == 0 {
		b.one = seg{}
		b.flags &^= room
		return
	}
	b.one = b.more[0]
	b.one.lead = 0
	// A short list moves up, so that the slice keeps its capacity for the handle's next use. A long one is cut.
	const short = 16
	if n := len(b.more) - 1; n < short {
		copy(b.more, b.more[1:])
		b.more[n] = seg{}
		b.more = b.more[:n]
		return
	}
	b.more[0] = seg{}
	b.more = b.more[1:]
}

// locate returns the number of the view that holds byte i, and the byte's offset in it. For i == Len that is
// behind the last view.
//
// Views behind the first carry the place where they start, in 32 bits and counted from wherever the first view began
// when they were linked, so that a search takes log(views) steps and neither Discard nor Prepend has to touch them.
func (b *Buf) locate(i int) (int, int) {
	n := b.one.len()
	if i < n || len(b.more) == 0 {
		return 0, i
	}
	i -= n
	if uint64(b.size) >= 1<<32 { // the places wrapped around
		k := 0
		for ; k < len(b.more)-1 && i >= b.more[k].len(); k++ {
			i -= b.more[k].len()
		}
		return k + 1, i
	}
	base := b.more[0].lead
	lo, hi := 0, len(b.more)-1 // the last view that starts at or before i
	for lo < hi {
		if mid := (lo + hi + 1) / 2; int(b.more[mid].lead-base) <= i {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return lo + 1, i - int(b.more[lo].lead-base)
}

func (b *Buf) checkRange(i, j int) {
	if i < 0 || j < i || j > b.size {
		b.mustLive()
		panic(fmt.Sprintf("buffer: range [%d:%d] of a Buf of %d bytes", i, j, b.size))
	}
}

// Discard drops the first n bytes. What only this handle could see becomes its headroom. It panics unless 0 <= n
// <= Len.
func (b *Buf) Discard(n int) {
	b.showing()
	if uint(n) < uint(b.one.len()) {
		b.advance(n)
		return
	}
	b.checkRange(0, n)
	c := b.local()
	for n > 0 {
		s := &b.one
		m := s.len()
		if m > n || m == b.size && len(b.more) == 0 {
			b.advance(n)
			return
		}
		s.drop(c)
		b.dropFirst()
		b.size -= m
		n -= m
	}
}

// advance drops n bytes of the first view, which has them.
func (b *Buf) advance(n int) {
	s := &b.one
	s.off += uint32(n)
	b.size -= n
	if b.flags&seen == 0 {
		s.lead += uint32(n)
	} else if n > 0 {
		s.lead = 0 // others may see what now lies in front
	}
}

// Truncate keeps the first n bytes and drops the rest. It panics unless 0 <= n <= Len.
func (b *Buf) Truncate(n int) {
	b.checkRange(0, n)
	if n == b.size {
		return
	}
	b.showing()
	if n == 0 && len(b.more) == 0 {
		b.cut(&b.one, 0)
		b.size = 0
		return
	}
	k, at := b.locate(n)
	if at == 0 && k > 0 { // the view before ends here
		k--
		at = b.seg(k).len()
	}
	c := b.local()
	for len(b.more) > k {
		s := b.last()
		s.drop(c)
		*s = seg{}
		b.more = b.more[:len(b.more)-1]
		b.flags &^= room
	}
	b.cut(b.last(), at)
	b.size = n
}

// cut shortens the last view to n bytes. It may grow there again if nobody else can see the bytes behind.
func (b *Buf) cut(s *seg, n int) {
	if s.len() == n {
		return
	}
	s.end = s.off + uint32(n)
	if b.flags&seen != 0 {
		b.flags &^= room
	}
}
