package buffer

import (
	"encoding/binary"
	"unsafe"
)

// Uvarint reads a number in groups of seven bits, the lowest first, as encoding/binary does: at most 10 bytes. One that
// does not end by then, or does not fit in 64 bits, is ErrMalformed as soon as that can be seen. Needlessly long forms of
// small numbers are accepted.
func (r *Reader) Uvarint() uint64 {
	if r.pos < r.lim {
		if c := *(*byte)(unsafe.Add(r.base, r.pos)); c < 0x80 {
			r.pos++
			return uint64(c)
		}
	}
	return r.uvarint()
}

func (r *Reader) uvarint() uint64 {
	if r.err != nil {
		return 0
	}
	var tmp [binary.MaxVarintLen64]byte
	var p []byte
	if n := r.lim - r.pos; n >= len(tmp) {
		p = r.word(len(tmp))
	} else {
		p = tmp[:r.src.CopyAt(tmp[:], r.at())]
	}
	v, n := binary.Uvarint(p)
	switch {
	case n > 0:
		r.Skip(n)
		return v
	case n < 0 || len(p) == len(tmp):
		r.fail("varint", 0, 0, ErrMalformed)
	default:
		r.short(len(p) + 1)
	}
	return 0
}

// Varint reads a number in the zigzag form of encoding/binary, with the limits of Uvarint.
func (r *Reader) Varint() int64 {
	v := r.Uvarint()
	return int64(v>>1) ^ -int64(v&1)
}
