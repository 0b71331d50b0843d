package buffer

import "bytes"

// The Index methods return the offset of the first match at or behind offset from, counted from the start of the Buf, or
// -1. They panic unless 0 <= from <= Len, and do not allocate.

// IndexByte finds a byte.
func (b *Buf) IndexByte(c byte, from int) int { return b.indexByte(c, from, b.size) }

// indexByte is IndexByte that looks only at the bytes in front of offset to.
func (b *Buf) indexByte(c byte, from, to int) int {
	b.checkRange(from, to)
	for k, at := b.locate(from); from < to; k, at = k+1, 0 {
		p := b.seg(k).bytes()[at:]
		if i := bytes.IndexByte(p[:min(len(p), to-from)], c); i >= 0 {
			return from + i
		}
		from += len(p)
	}
	return -1
}

// LastIndexByte returns the offset of the last c, or -1.
func (b *Buf) LastIndexByte(c byte) int {
	start := b.size
	for k := b.Segments() - 1; k >= 0; k-- {
		p := b.seg(k).bytes()
		start -= len(p)
		if i := bytes.LastIndexByte(p, c); i >= 0 {
			return start + i
		}
	}
	return -1
}

// IndexAny finds a byte that is in set.
func (b *Buf) IndexAny(set *ByteSet, from int) int {
	b.checkRange(from, b.size)
	for k, at := b.locate(from); from < b.size; k, at = k+1, 0 {
		p := b.seg(k).bytes()[at:]
		for i, c := range p {
			if set.Has(c) {
				return from + i
			}
		}
		from += len(p)
	}
	return -1
}

// IndexFunc finds a byte that f returns true for. f must not use the Buf.
func (b *Buf) IndexFunc(f func(c byte) bool, from int) int {
	b.checkRange(from, b.size)
	for k, at := b.locate(from); from < b.size; k, at = k+1, 0 {
		p := b.seg(k).bytes()[at:]
		for i, c := range p {
			if f(c) {
				return from + i
			}
		}
		from += len(p)
	}
	return -1
}
