package buffer

import (
	"math"
	"math/bits"
)

// SetUint16LE changes the two bytes at offset i, least significant first.
func (b *Buf) SetUint16LE(i int, v uint16) { b.SetUint16(i, bits.ReverseBytes16(v)) }

// SetUint24LE changes the three bytes at offset i, least significant first. What v has above 24 bits is lost.
func (b *Buf) SetUint24LE(i int, v uint32) { b.SetUint24(i, bits.ReverseBytes32(v)>>8) }

// SetUint32LE changes the four bytes at offset i, least significant first.
func (b *Buf) SetUint32LE(i int, v uint32) { b.SetUint32(i, bits.ReverseBytes32(v)) }

// SetUint64LE changes the eight bytes at offset i, least significant first.
func (b *Buf) SetUint64LE(i int, v uint64) { b.SetUint64(i, bits.ReverseBytes64(v)) }

// SetInt16LE changes the two bytes at offset i to a number in two's complement, least significant first.
func (b *Buf) SetInt16LE(i int, v int16) { b.SetUint16LE(i, uint16(v)) }

// SetInt32LE changes the four bytes at offset i to a number in two's complement, least significant first.
func (b *Buf) SetInt32LE(i int, v int32) { b.SetUint32LE(i, uint32(v)) }

// SetInt64LE changes the eight bytes at offset i to a number in two's complement, least significant first.
func (b *Buf) SetInt64LE(i int, v int64) { b.SetUint64LE(i, uint64(v)) }

// SetFloat32LE changes the four bytes at offset i to an IEEE 754 number, least significant first.
func (b *Buf) SetFloat32LE(i int, v float32) { b.SetUint32LE(i, math.Float32bits(v)) }

// SetFloat64LE changes the eight bytes at offset i to an IEEE 754 number, least significant first.
func (b *Buf) SetFloat64LE(i int, v float64) { b.SetUint64LE(i, math.Float64bits(v)) }
