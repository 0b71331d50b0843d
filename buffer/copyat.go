package buffer

// CopyAt copies bytes from offset i on into p and returns how many there were to copy. It panics unless 0 <= i <= Len.
func (b *Buf) CopyAt(p []byte, i int) int {
	b.checkRange(i, b.size)
	n := min(len(p), b.size-i)
	p = p[:n]
	for k, at := b.locate(i); len(p) > 0; k, at = k+1, 0 {
		p = p[copy(p, b.seg(k).bytes()[at:]):]
	}
	return n
}
