package buffer

// extend adds n bytes at the end, contiguous and not yet written, and returns the first of them. n is small and positive.
func (b *Buf) extend(n uint32) *byte {
	if b.flags&(room|watch) == room {
		s := &b.one
		if k := len(b.more); k > 0 {
			s = &b.more[k-1]
		}
		if s.b.size-s.end >= n {
			p := s.b.at(s.end)
			s.end += n
			b.size += int(n)
			return p
		}
	}
	return b.extendSlow(n)
}

// extendSlow is extend that takes another block.
func (b *Buf) extendSlow(n uint32) *byte {
	p := b.Tail(int(n))
	b.Commit(int(n))
	return &p[0]
}
