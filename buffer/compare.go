package buffer

import "bytes"

// A walk goes through the pieces of a Buf.
type walk struct {
	b *Buf
	k int    // the next view
	p []byte // what is left of the current one
}

// more makes p non-empty, and tells whether it could.
func (w *walk) more() bool {
	for len(w.p) == 0 {
		if w.k == w.b.Segments() {
			return false
		}
		w.p = w.b.seg(w.k).bytes()
		w.k++
	}
	return true
}

// Equal tells whether b and o hold the same bytes, however they are cut.
func (b *Buf) Equal(o *Buf) bool { return b.Len() == o.Len() && b.Compare(o) == 0 }

// Compare compares the bytes of b and o in the order of bytes.Compare: -1 if b comes first, 1 if o does, 0 if they are
// equal.
func (b *Buf) Compare(o *Buf) int {
	v, w := walk{b: b}, walk{b: o}
	for {
		switch more, other := v.more(), w.more(); {
		case !more && !other:
			return 0
		case !more:
			return -1
		case !other:
			return 1
		}
		n := min(len(v.p), len(w.p))
		if c := bytes.Compare(v.p[:n], w.p[:n]); c != 0 {
			return c
		}
		v.p, w.p = v.p[n:], w.p[n:]
	}
}

// EqualBytes tells whether b holds exactly the bytes of p.
func (b *Buf) EqualBytes(p []byte) bool { return b.Len() == len(p) && b.matches(p, 0, 0) }

// HasPrefix tells whether the bytes begin with p.
func (b *Buf) HasPrefix(p []byte) bool { return b.Len() >= len(p) && b.matches(p, 0, 0) }

// HasSuffix tells whether the bytes end with p.
func (b *Buf) HasSuffix(p []byte) bool {
	if b.Len() < len(p) {
		return false
	}
	k, at := b.locate(b.size - len(p))
	return b.matches(p, k, at)
}
