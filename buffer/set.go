package buffer

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// SetAt changes byte i.
func (b *Buf) SetAt(i int, v byte) {
	b.changing()
	if s := &b.one; uint(i) < uint(s.len()) {
		*s.b.at(s.off + uint32(i)) = v
		return
	}
	b.store(i, 1, uint64(v))
}

// SetUint8 changes byte i.
func (b *Buf) SetUint8(i int, v uint8) { b.SetAt(i, v) }

// SetUint16 changes the two bytes at offset i, most significant first.
func (b *Buf) SetUint16(i int, v uint16) {
	b.changing()
	if p := b.within(i, 2); p != nil {
		binary.BigEndian.PutUint16(unsafe.Slice(p, 2), v)
		return
	}
	b.store(i, 2, uint64(v))
}

// SetUint24 changes the three bytes at offset i, most significant first. What v has above 24 bits is lost.
func (b *Buf) SetUint24(i int, v uint32) { b.store(i, 3, uint64(v)) }

// SetUint32 changes the four bytes at offset i, most significant first.
func (b *Buf) SetUint32(i int, v uint32) {
	b.changing()
	if p := b.within(i, 4); p != nil {
		binary.BigEndian.PutUint32(unsafe.Slice(p, 4), v)
		return
	}
	b.store(i, 4, uint64(v))
}

// SetUint64 changes the eight bytes at offset i, most significant first.
func (b *Buf) SetUint64(i int, v uint64) {
	b.changing()
	if p := b.within(i, 8); p != nil {
		binary.BigEndian.PutUint64(unsafe.Slice(p, 8), v)
		return
	}
	b.store(i, 8, v)
}

// SetInt8 changes byte i to a number in two's complement.
func (b *Buf) SetInt8(i int, v int8) { b.SetAt(i, byte(v)) }

// SetInt16 changes the two bytes at offset i to a number in two's complement, most significant first.
func (b *Buf) SetInt16(i int, v int16) { b.SetUint16(i, uint16(v)) }

// SetInt32 changes the four bytes at offset i to a number in two's complement, most significant first.
func (b *Buf) SetInt32(i int, v int32) { b.SetUint32(i, uint32(v)) }

// SetInt64 changes the eight bytes at offset i to a number in two's complement, most significant first.
func (b *Buf) SetInt64(i int, v int64) { b.SetUint64(i, uint64(v)) }

// SetFloat32 changes the four bytes at offset i to an IEEE 754 number, most significant first.
func (b *Buf) SetFloat32(i int, v float32) { b.SetUint32(i, math.Float32bits(v)) }

// SetFloat64 changes the eight bytes at offset i to an IEEE 754 number, most significant first.
func (b *Buf) SetFloat64(i int, v float64) { b.SetUint64(i, math.Float64bits(v)) }
