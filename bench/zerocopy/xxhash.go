package main

import (
	"encoding/binary"
	"math/bits"
)

// The primes of XXH64, see https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md.
const (
	prime1 uint64 = 0x9E3779B185EBCA87
	prime2 uint64 = 0xC2B2AE3D27D4EB4F
	prime3 uint64 = 0x165667B19E3779F9
	prime4 uint64 = 0x85EBCA77C2B2AE63
	prime5 uint64 = 0x27D4EB2F165667C5
)

// xxh64 is the hash XXH64 with seed 0 of what is written to it: SHA-256 of a gibibyte takes longer than sending it ten times.
type xxh64 struct {
	lanes [4]uint64
	rest  [32]byte // bytes of a stripe that is not full
	held  int
	total uint64
}

func newXXH64() *xxh64 {
	p1, p2 := prime1, prime2 // variables, so that they may overflow
	return &xxh64{lanes: [4]uint64{p1 + p2, p2, 0, -p1}}
}

// Write adds bytes; it never fails.
func (x *xxh64) Write(p []byte) (int, error) {
	n := len(p)
	x.total += uint64(n)
	if x.held > 0 {
		m := copy(x.rest[x.held:], p)
		x.held += m
		p = p[m:]
		if x.held < len(x.rest) {
			return n, nil
		}
		x.stripes(x.rest[:])
		x.held = 0
	}
	whole := len(p) &^ 31
	x.stripes(p[:whole])
	x.held = copy(x.rest[:], p[whole:])
	return n, nil
}

// stripes takes whole stripes of 32 bytes, eight for each lane.
func (x *xxh64) stripes(p []byte) {
	a, b, c, d := x.lanes[0], x.lanes[1], x.lanes[2], x.lanes[3]
	for ; len(p) >= 32; p = p[32:] {
		a = step(a, binary.LittleEndian.Uint64(p))
		b = step(b, binary.LittleEndian.Uint64(p[8:]))
		c = step(c, binary.LittleEndian.Uint64(p[16:]))
		d = step(d, binary.LittleEndian.Uint64(p[24:]))
	}
	x.lanes = [4]uint64{a, b, c, d}
}

func step(lane, in uint64) uint64 { return bits.RotateLeft64(lane+in*prime2, 31) * prime1 }

// Sum64 returns the hash of all so far.
func (x *xxh64) Sum64() uint64 {
	h := prime5
	if x.total >= 32 {
		h = bits.RotateLeft64(x.lanes[0], 1) + bits.RotateLeft64(x.lanes[1], 7) +
			bits.RotateLeft64(x.lanes[2], 12) + bits.RotateLeft64(x.lanes[3], 18)
		for _, lane := range x.lanes {
			h = (h^step(0, lane))*prime1 + prime4
		}
	}
	h += x.total
	p := x.rest[:x.held]
	for ; len(p) >= 8; p = p[8:] {
		h = bits.RotateLeft64(h^step(0, binary.LittleEndian.Uint64(p)), 27)*prime1 + prime4
	}
	if len(p) >= 4 {
		h = bits.RotateLeft64(h^uint64(binary.LittleEndian.Uint32(p))*prime1, 23)*prime2 + prime3
		p = p[4:]
	}
	for _, b := range p {
		h = bits.RotateLeft64(h^uint64(b)*prime5, 11) * prime1
	}
	h = (h ^ h>>33) * prime2
	h = (h ^ h>>29) * prime3
	return h ^ h>>32
}
