package buffer

import "unsafe"

// Write appends a copy of p. The error is always nil: at the limit of its allocator Write panics with ErrLimit, as all
// methods do that append. It implements io.Writer.
func (b *Buf) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		room := 1 // first what is left of the last block, then blocks for the rest
		if b.Room() == 0 {
			room = min(len(p), maxGrow)
		}
		m := copy(b.Tail(room), p)
		b.Commit(m)
		p = p[m:]
	}
	return n, nil
}

// WriteString appends a copy of s, like Write. It implements io.StringWriter.
func (b *Buf) WriteString(s string) (int, error) {
	return b.Write(unsafe.Slice(unsafe.StringData(s), len(s))) // Write only reads it
}

// WriteByte appends c, like Write. It implements io.ByteWriter.
func (b *Buf) WriteByte(c byte) error {
	*b.extend(1) = c
	return nil
}
