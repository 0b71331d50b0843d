package buffer

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// The Put methods append a value at the end, most significant byte first unless their name ends in LE, and take another
// block when there is no room. Like Tail they panic with ErrLimit when the allocator is at its limit. A value
// never lies across two blocks.

// PutUint8 appends one byte.
func (b *Buf) PutUint8(v uint8) { *b.extend(1) = v }

// PutUint16 appends two bytes, most significant first.
func (b *Buf) PutUint16(v uint16) { binary.BigEndian.PutUint16(unsafe.Slice(b.extend(2), 2), v) }

// PutUint24 appends the low three bytes of v, most significant first. What v has above 24 bits is lost.
func (b *Buf) PutUint24(v uint32) { setUint24(b.extend(3), v) }

// PutUint32 appends four bytes, most significant first.
func (b *Buf) PutUint32(v uint32) { binary.BigEndian.PutUint32(unsafe.Slice(b.extend(4), 4), v) }

// PutUint64 appends eight bytes, most significant first.
func (b *Buf) PutUint64(v uint64) { binary.BigEndian.PutUint64(unsafe.Slice(b.extend(8), 8), v) }

// PutInt8 appends one byte in two's complement.
func (b *Buf) PutInt8(v int8) { b.PutUint8(uint8(v)) }

// PutInt16 appends two bytes in two's complement, most significant first.
func (b *Buf) PutInt16(v int16) { b.PutUint16(uint16(v)) }

// PutInt32 appends four bytes in two's complement, most significant first.
func (b *Buf) PutInt32(v int32) { b.PutUint32(uint32(v)) }

// PutInt64 appends eight bytes in two's complement, most significant first.
func (b *Buf) PutInt64(v int64) { b.PutUint64(uint64(v)) }

// PutFloat32 appends the four bytes of an IEEE 754 number, most significant first.
func (b *Buf) PutFloat32(v float32) { b.PutUint32(math.Float32bits(v)) }

// PutFloat64 appends the eight bytes of an IEEE 754 number, most significant first.
func (b *Buf) PutFloat64(v float64) { b.PutUint64(math.Float64bits(v)) }

func setUint24(p *byte, v uint32) {
	q := unsafe.Slice(p, 3)
	q[0], q[1], q[2] = byte(v>>16), byte(v>>8), byte(v)
}

func setUint24LE(p *byte, v uint32) {
	q := unsafe.Slice(p, 3)
	q[0], q[1], q[2] = byte(v), byte(v>>8), byte(v>>16)
}
