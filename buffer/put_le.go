package buffer

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// PutUint16LE appends two bytes, least significant first.
func (b *Buf) PutUint16LE(v uint16) { binary.LittleEndian.PutUint16(unsafe.Slice(b.extend(2), 2), v) }

// PutUint24LE appends the low three bytes of v, least significant first. What v has above 24 bits is lost.
func (b *Buf) PutUint24LE(v uint32) { setUint24LE(b.extend(3), v) }

// PutUint32LE appends four bytes, least significant first.
func (b *Buf) PutUint32LE(v uint32) { binary.LittleEndian.PutUint32(unsafe.Slice(b.extend(4), 4), v) }

// PutUint64LE appends eight bytes, least significant first.
func (b *Buf) PutUint64LE(v uint64) { binary.LittleEndian.PutUint64(unsafe.Slice(b.extend(8), 8), v) }

// PutInt16LE appends two bytes in two's complement, least significant first.
func (b *Buf) PutInt16LE(v int16) { b.PutUint16LE(uint16(v)) }

// PutInt32LE appends four bytes in two's complement, least significant first.
func (b *Buf) PutInt32LE(v int32) { b.PutUint32LE(uint32(v)) }

// PutInt64LE appends eight bytes in two's complement, least significant first.
func (b *Buf) PutInt64LE(v int64) { b.PutUint64LE(uint64(v)) }

// PutFloat32LE appends the four bytes of an IEEE 754 number, least significant first.
func (b *Buf) PutFloat32LE(v float32) { b.PutUint32LE(math.Float32bits(v)) }

// PutFloat64LE appends the eight bytes of an IEEE 754 number, least significant first.
func (b *Buf) PutFloat64LE(v float64) { b.PutUint64LE(math.Float64bits(v)) }
