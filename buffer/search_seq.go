package buffer

import "bytes"

// Index finds a sequence of bytes, which may lie across any number of pieces. An empty sequence is found at from.
func (b *Buf) Index(seq []byte, from int) int { return b.index(seq, from, b.size) }

// index is Index that looks only at the bytes in front of offset to: a match ends there at the latest.
func (b *Buf) index(seq []byte, from, to int) int {
	b.checkRange(from, to)
	switch len(seq) {
	case 0:
		return from
	case 1:
		return b.indexByte(seq[0], from, to)
	}
	k, at := b.locate(from)
	for ; to-from >= len(seq); k, at = k+1, 0 {
		p := b.seg(k).bytes()[at:]
		p = p[:min(len(p), to-from)]
		// First a match inside this piece. Those that begin here and end behind it all begin later.
		if i := bytes.Index(p, seq); i >= 0 {
			return from + i
		}
		for i := max(0, len(p)-len(seq)+1); i < len(p) && to-from-i >= len(seq); i++ {
			j := bytes.IndexByte(p[i:], seq[0])
			if j < 0 {
				break
			}
			if i += j; to-from-i >= len(seq) && b.matches(seq, k, at+i) {
				return from + i
			}
		}
		from += len(p)
	}
	return -1
}

// matches tells whether the bytes from offset at of view k on begin with seq.
func (b *Buf) matches(seq []byte, k, at int) bool {
	for ; k < b.Segments(); k, at = k+1, 0 {
		p := b.seg(k).bytes()[at:]
		n := min(len(p), len(seq))
		if !bytes.Equal(p[:n], seq[:n]) {
			return false
		}
		if seq = seq[n:]; len(seq) == 0 {
			return true
		}
	}
	return len(seq) == 0
}
