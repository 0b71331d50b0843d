package buffer

import "unsafe"

// Text returns a copy of bytes [i, j) as a string. It panics unless 0 <= i <= j <= Len.
func (b *Buf) Text(i, j int) string {
	b.checkRange(i, j)
	if i == j {
		return ""
	}
	if k, at := b.locate(i); at+j-i <= b.seg(k).len() {
		return string(b.seg(k).bytes()[at : at+j-i])
	}
	p := make([]byte, j-i)
	b.CopyAt(p, i)
	return unsafe.String(&p[0], len(p)) // nobody else has p
}

// String describes the buffer for people who debug: length, pieces, and the first bytes. Text(0, Len()) is the contents.
func (b *Buf) String() string {
	if b == nil || b.flags&live == 0 {
		return "Buf(released)"
	}
	const shown = 32
	var tmp [shown]byte
	s := append(make([]byte, 0, 128), "Buf("...)
	s = appendCount(s, b.size, " byte")
	s = append(s, " in "...)
	s = appendCount(s, b.Segments(), " piece")
	if n := b.CopyAt(tmp[:], 0); n > 0 {
		s = append(s, ": "...)
		s = appendQuoted(s, tmp[:n])
		if n < b.size {
			s = append(s, "..."...)
		}
	}
	return string(append(s, ')'))
}
