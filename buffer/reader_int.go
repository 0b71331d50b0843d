package buffer

import (
	"fmt"
	"math"
)

// Uint24 reads three bytes, most significant first.
func (r *Reader) Uint24() uint32 {
	if p := r.pos + 3; p <= r.lim {
		w := r.word(3)
		r.pos = p
		return uint32(w[0])<<16 | uint32(w[1])<<8 | uint32(w[2])
	}
	return uint32(r.slow(3))
}

// Uint reads n bytes, 1 to 8, most significant first. It panics for any other n: a width is part of the program, not of
// the input.
func (r *Reader) Uint(n int) uint64 {
	if n < 1 || n > 8 {
		panic(fmt.Sprintf("buffer: a number of %d bytes", n))
	}
	return r.slow(n)
}

// Int8 reads one byte in two's complement.
func (r *Reader) Int8() int8 { return int8(r.Uint8()) }

// Int16 reads two bytes in two's complement, most significant first.
func (r *Reader) Int16() int16 { return int16(r.Uint16()) }

// Int32 reads four bytes in two's complement, most significant first.
func (r *Reader) Int32() int32 { return int32(r.Uint32()) }

// Int64 reads eight bytes in two's complement, most significant first.
func (r *Reader) Int64() int64 { return int64(r.Uint64()) }

// Float32 reads the four bytes of an IEEE 754 number, most significant first.
func (r *Reader) Float32() float32 { return math.Float32frombits(r.Uint32()) }

// Float64 reads the eight bytes of an IEEE 754 number, most significant first.
func (r *Reader) Float64() float64 { return math.Float64frombits(r.Uint64()) }
