package buffer

import (
	"iter"
	"net"
)

// Chunks goes through the pieces that the bytes lie in, in order, without empty ones. Each is borrowed until b is changed
// or released; b must not change while the loop runs.
func (b *Buf) Chunks() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for i := range b.Segments() {
			if p := b.seg(i).bytes(); len(p) > 0 && !yield(p) {
				return
			}
		}
	}
}

// Vectors appends the pieces to dst, in order and without empty ones, as writev(2) wants them. They are borrowed until b
// is changed or released.
func (b *Buf) Vectors(dst [][]byte) [][]byte {
	for i := range b.Segments() {
		if p := b.seg(i).bytes(); len(p) > 0 {
			dst = append(dst, p)
		}
	}
	return dst
}

// NetBuffers returns the pieces as net.Buffers, borrowed like those of Vectors. Writing them does not consume b.
func (b *Buf) NetBuffers() net.Buffers { return b.Vectors(make([][]byte, 0, b.Segments())) }
