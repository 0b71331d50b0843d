package buffer

import (
	"encoding/binary"
	"math"
	"math/bits"
	"unsafe"
)

// Uint16LE returns the two bytes at offset i, least significant first.
func (b *Buf) Uint16LE(i int) uint16 { return bits.ReverseBytes16(b.Uint16(i)) }

// Uint24LE returns the three bytes at offset i, least significant first.
func (b *Buf) Uint24LE(i int) uint32 { return bits.ReverseBytes32(b.Uint24(i)) >> 8 }

// Uint32LE returns the four bytes at offset i, least significant first.
func (b *Buf) Uint32LE(i int) uint32 {
	if p := b.within(i, 4); p != nil {
		return binary.LittleEndian.Uint32(unsafe.Slice(p, 4))
	}
	return bits.ReverseBytes32(uint32(b.load(i, 4)))
}

// Uint64LE returns the eight bytes at offset i, least significant first.
func (b *Buf) Uint64LE(i int) uint64 {
	if p := b.within(i, 8); p != nil {
		return binary.LittleEndian.Uint64(unsafe.Slice(p, 8))
	}
	return bits.ReverseBytes64(b.load(i, 8))
}

// Int16LE returns the two bytes at offset i in two's complement, least significant first.
func (b *Buf) Int16LE(i int) int16 { return int16(b.Uint16LE(i)) }

// Int32LE returns the four bytes at offset i in two's complement, least significant first.
func (b *Buf) Int32LE(i int) int32 { return int32(b.Uint32LE(i)) }

// Int64LE returns the eight bytes at offset i in two's complement, least significant first.
func (b *Buf) Int64LE(i int) int64 { return int64(b.Uint64LE(i)) }

// Float32LE returns the four bytes at offset i as an IEEE 754 number, least significant first.
func (b *Buf) Float32LE(i int) float32 { return math.Float32frombits(b.Uint32LE(i)) }

// Float64LE returns the eight bytes at offset i as an IEEE 754 number, least significant first.
func (b *Buf) Float64LE(i int) float64 { return math.Float64frombits(b.Uint64LE(i)) }
