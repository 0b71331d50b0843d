package buffer

import (
	"encoding/binary"
	"math/bits"
)

// Mask changes every byte in place to its exclusive or with a byte of key, which is repeated: the masking of WebSocket, RFC
// 6455 section 5.3. phase is the offset of the first byte in what is masked as a whole, so that it can be done piece by
// piece. Doing it twice restores the bytes. A change is seen through every handle that shares them, as that of SetAt.
func (b *Buf) Mask(key [4]byte, phase int) {
	if b.size <= 0 { // nothing there, or nobody owns it
		b.mustLive()
		return
	}
	b.changing()
	k := turned(key, phase)
	p := b.one.bytes()
	maskBytes(p, k)
	for i := range b.more {
		k = bits.RotateLeft32(k, -8*(len(p)&3))
		p = b.more[i].bytes()
		maskBytes(p, k)
	}
}

// MaskBytes does for p what Mask does for a Buf.
func MaskBytes(p []byte, key [4]byte, phase int) { maskBytes(p, turned(key, phase)) }

// turned returns the key as it applies from byte phase on, the first byte lowest.
func turned(key [4]byte, phase int) uint32 {
	return bits.RotateLeft32(binary.LittleEndian.Uint32(key[:]), -8*(phase&3))
}

// maskBytes masks p by a key whose lowest byte is for the first one. Eight bytes at a time are no slower than the sixteen of
// subtle.XORBytes, which wants the key written down as often as it is used (BenchmarkMask).
func maskBytes(p []byte, k uint32) {
	w := uint64(k)<<32 | uint64(k)
	for len(p) >= 32 {
		q := (*[32]byte)(p)
		binary.LittleEndian.PutUint64(q[0:], binary.LittleEndian.Uint64(q[0:])^w)
		binary.LittleEndian.PutUint64(q[8:], binary.LittleEndian.Uint64(q[8:])^w)
		binary.LittleEndian.PutUint64(q[16:], binary.LittleEndian.Uint64(q[16:])^w)
		binary.LittleEndian.PutUint64(q[24:], binary.LittleEndian.Uint64(q[24:])^w)
		p = p[32:]
	}
	for len(p) >= 8 {
		binary.LittleEndian.PutUint64(p, binary.LittleEndian.Uint64(p)^w)
		p = p[8:]
	}
	if len(p) >= 4 {
		binary.LittleEndian.PutUint32(p, binary.LittleEndian.Uint32(p)^k)
		p = p[4:]
	}
	for i := range p {
		p[i] ^= byte(w)
		w >>= 8
	}
}
