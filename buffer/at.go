package buffer

import (
	"encoding/binary"
	"fmt"
	"math"
	"unsafe"
)

// The methods with an offset, from At to SetFloat64LE, read and change bytes in place, wherever the pieces end. They find
// the piece in log(Segments) steps and panic when the value does not lie within [0, Len). A change is seen
// through every handle that shares the bytes; memory that was adopted with Wrap must be writable.

// within returns byte i if it and the n-1 after it lie in the first view, else nil. n is positive.
func (b *Buf) within(i, n int) *byte {
	if s := &b.one; i >= 0 && i <= s.len()-n {
		return s.b.at(s.off + uint32(i))
	}
	return nil
}

// find returns the first of n bytes from i on and how many of them are contiguous, at least one.
func (b *Buf) find(i, n int) (p *byte, have int) {
	if i < 0 || i > b.size-n {
		b.mustLive()
		panic(fmt.Sprintf("buffer: %d bytes at offset %d of a Buf of %d bytes", n, i, b.size))
	}
	k, at := b.locate(i)
	s := b.seg(k)
	return s.b.at(s.off + uint32(at)), min(s.len()-at, n)
}

// load returns n bytes from offset i, at most 8, as a number, most significant first.
func (b *Buf) load(i, n int) (v uint64) {
	for n > 0 {
		p, have := b.find(i, n)
		for _, c := range unsafe.Slice(p, have) {
			v = v<<8 | uint64(c)
		}
		i, n = i+have, n-have
	}
	return v
}

// store writes the low n bytes of v at offset i, most significant first. It writes all or panics.
func (b *Buf) store(i, n int, v uint64) {
	b.changing()
	for n > 0 {
		p, have := b.find(i, n)
		q := unsafe.Slice(p, have)
		for k := range q {
			n--
			q[k] = byte(v >> (8 * n))
		}
		i += have
	}
}

// At returns byte i.
func (b *Buf) At(i int) byte {
	if s := &b.one; uint(i) < uint(s.len()) {
		return *s.b.at(s.off + uint32(i))
	}
	return byte(b.load(i, 1))
}

// Uint8 returns byte i.
func (b *Buf) Uint8(i int) uint8 { return b.At(i) }

// Uint16 returns the two bytes at offset i, most significant first.
func (b *Buf) Uint16(i int) uint16 {
	if p := b.within(i, 2); p != nil {
		return binary.BigEndian.Uint16(unsafe.Slice(p, 2))
	}
	return uint16(b.load(i, 2))
}

// Uint24 returns the three bytes at offset i, most significant first.
func (b *Buf) Uint24(i int) uint32 { return uint32(b.load(i, 3)) }

// Uint32 returns the four bytes at offset i, most significant first.
func (b *Buf) Uint32(i int) uint32 {
	if p := b.within(i, 4); p != nil {
		return binary.BigEndian.Uint32(unsafe.Slice(p, 4))
	}
	return uint32(b.load(i, 4))
}

// Uint64 returns the eight bytes at offset i, most significant first.
func (b *Buf) Uint64(i int) uint64 {
	if p := b.within(i, 8); p != nil {
		return binary.BigEndian.Uint64(unsafe.Slice(p, 8))
	}
	return b.load(i, 8)
}

// Int8 returns byte i as a number in two's complement.
func (b *Buf) Int8(i int) int8 { return int8(b.At(i)) }

// Int16 returns the two bytes at offset i in two's complement, most significant first.
func (b *Buf) Int16(i int) int16 { return int16(b.Uint16(i)) }

// Int32 returns the four bytes at offset i in two's complement, most significant first.
func (b *Buf) Int32(i int) int32 { return int32(b.Uint32(i)) }

// Int64 returns the eight bytes at offset i in two's complement, most significant first.
func (b *Buf) Int64(i int) int64 { return int64(b.Uint64(i)) }

// Float32 returns the four bytes at offset i as an IEEE 754 number, most significant first.
func (b *Buf) Float32(i int) float32 { return math.Float32frombits(b.Uint32(i)) }

// Float64 returns the eight bytes at offset i as an IEEE 754 number, most significant first.
func (b *Buf) Float64(i int) float64 { return math.Float64frombits(b.Uint64(i)) }
