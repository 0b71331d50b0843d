package buffer

import "encoding/binary"

// PutUvarint appends v in groups of seven bits, the lowest first, as encoding/binary does: 1 to 10 bytes.
func (b *Buf) PutUvarint(v uint64) {
	if v < 0x80 {
		*b.extend(1) = byte(v)
		return
	}
	var tmp [binary.MaxVarintLen64]byte
	b.Write(tmp[:binary.PutUvarint(tmp[:], v)])
}

// PutVarint appends v in the zigzag form of encoding/binary, where small negative numbers are short too: 1 to 10 bytes.
func (b *Buf) PutVarint(v int64) { b.PutUvarint(uint64(v<<1) ^ uint64(v>>63)) }

// PutZero appends n zero bytes. It panics if n is negative.
func (b *Buf) PutZero(n int) {
	b.mustLive()
	if n < 0 {
		panic("buffer: PutZero of a negative number")
	}
	for n > 0 {
		room := 1
		if b.Room() == 0 {
			room = min(n, maxGrow)
		}
		p := b.Tail(room)
		p = p[:min(n, len(p))]
		clear(p) // recycled memory holds old bytes
		b.Commit(len(p))
		n -= len(p)
	}
}

// PutString appends the bytes of s, without a length or an end mark.
func (b *Buf) PutString(s string) { b.WriteString(s) }
