package buffer

// Mapped shows what is queued of mapped files, for Err, after it has been sent and is no longer queued: it adds views of it to a
// Buf that an earlier call has returned, or to a new one if to is nil. A queue without such bytes adds nothing and returns
// to. The caller owns what is returned.
func (q *Queue) Mapped(c *Cache, to *Buf) *Buf {
	for b := q.head; b != nil; b = b.next {
		if b.flags&(overlap|torn) != 0 {
			to = b.mappedViews(c, to)
		}
	}
	return to
}

func (b *Buf) mappedViews(c *Cache, to *Buf) *Buf {
	if b.flags&torn == 0 && !b.showsMap() {
		return to
	}
	if to == nil {
		to = c.empty()
	}
	to.flags |= overlap | b.flags&torn
	for i := range b.Segments() {
		if s := b.seg(i); s.mapped() != nil {
			to.push(seg{b: s.b, off: s.off, end: s.end, share: s.give(1 << 30)})
		}
	}
	return to
}
