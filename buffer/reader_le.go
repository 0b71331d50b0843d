package buffer

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// Uint16LE reads two bytes, least significant first.
func (r *Reader) Uint16LE() uint16 {
	if p := r.pos + 2; p <= r.lim {
		v := binary.LittleEndian.Uint16(r.word(2))
		r.pos = p
		return v
	}
	return bits.ReverseBytes16(uint16(r.slow(2)))
}

// Uint24LE reads three bytes, least significant first.
func (r *Reader) Uint24LE() uint32 { return bits.ReverseBytes32(r.Uint24()) >> 8 }

// Uint32LE reads four bytes, least significant first.
func (r *Reader) Uint32LE() uint32 {
	if p := r.pos + 4; p <= r.lim {
		v := binary.LittleEndian.Uint32(r.word(4))
		r.pos = p
		return v
	}
	return bits.ReverseBytes32(uint32(r.slow(4)))
}

// Uint64LE reads eight bytes, least significant first.
func (r *Reader) Uint64LE() uint64 {
	if p := r.pos + 8; p <= r.lim {
		v := binary.LittleEndian.Uint64(r.word(8))
		r.pos = p
		return v
	}
	return bits.ReverseBytes64(r.slow(8))
}

// UintLE reads n bytes, 1 to 8, least significant first. It panics for any other n.
func (r *Reader) UintLE(n int) uint64 { return bits.ReverseBytes64(r.Uint(n)) >> (64 - 8*n) }

// Int16LE reads two bytes in two's complement, least significant first.
func (r *Reader) Int16LE() int16 { return int16(r.Uint16LE()) }

// Int32LE reads four bytes in two's complement, least significant first.
func (r *Reader) Int32LE() int32 { return int32(r.Uint32LE()) }

// Int64LE reads eight bytes in two's complement, least significant first.
func (r *Reader) Int64LE() int64 { return int64(r.Uint64LE()) }

// Float32LE reads the four bytes of an IEEE 754 number, least significant first.
func (r *Reader) Float32LE() float32 { return math.Float32frombits(r.Uint32LE()) }

// Float64LE reads the eight bytes of an IEEE 754 number, least significant first.
func (r *Reader) Float64LE() float64 { return math.Float64frombits(r.Uint64LE()) }
