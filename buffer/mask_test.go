package buffer_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
)

// masked is Mask in its simplest form.
func masked(p []byte, key [4]byte, phase int) []byte {
	out := bytes.Clone(p)
	for i := range out {
		out[i] ^= key[(phase+i)%4]
	}
	return out
}

var maskKey = [4]byte{0x37, 0xfa, 0x21, 0x3d}

// numbers returns n bytes of which neighbours differ.
func numbers(n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i*7 + i>>8)
	}
	return p
}

func TestMask(t *testing.T) {
	pool := buffertest.Pool(t)
	for _, n := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 63, 125, 511, 512, 513, 1023, 1024, 1025, 5000, 70000} {
		in := numbers(n)
		for phase := range 9 {
			want := masked(in, maskKey, phase)
			b := pool.Alloc(n)
			b.Write(in)
			b.Mask(maskKey, phase)
			if !b.EqualBytes(want) {
				t.Errorf("%d bytes, phase %d: wrong", n, phase)
			}
			b.Mask(maskKey, phase)
			if !b.EqualBytes(in) {
				t.Errorf("%d bytes, phase %d: the second time does not undo the first", n, phase)
			}
			b.Release()

			p := bytes.Clone(in)
			if buffer.MaskBytes(p, maskKey, phase); !bytes.Equal(p, want) {
				t.Errorf("%d bytes, phase %d: MaskBytes is wrong", n, phase)
			}
		}
	}
}

// Pieces of all lengths, one behind the other, are masked as if they were one.
func TestMaskPieces(t *testing.T) {
	pool := buffertest.Pool(t)
	for first := range 10 {
		in := numbers(first + 700 + 1 + 2 + 3000 + 5)
		b := pool.Alloc(0)
		at := 0
		for _, n := range []int{first, 700, 1, 2, 3000, 5} {
			piece := pool.Alloc(n)
			piece.Write(in[at : at+n])
			b.Gather(piece, 0)
			at += n
		}
		if b.Segments() < 5 {
			t.Fatalf("%d pieces", b.Segments())
		}
		b.Mask(maskKey, 3)
		if !b.EqualBytes(masked(in, maskKey, 3)) {
			t.Errorf("first piece of %d bytes: wrong", first)
		}
		b.Release()
	}
}

// Bytes around those that a handle shows stay what they are; handles on the same bytes see the change.
func TestMaskBounds(t *testing.T) {
	pool := buffertest.Pool(t)
	in := numbers(2000)
	b := pool.Alloc(len(in))
	b.Write(in)
	for _, r := range [][2]int{{0, 0}, {1, 2}, {3, 124}, {100, 1100}, {1999, 2000}} {
		part := b.Slice(r[0], r[1])
		part.Mask(maskKey, 0)
		want := append(append(bytes.Clone(in[:r[0]]), masked(in[r[0]:r[1]], maskKey, 0)...), in[r[1]:]...)
		if !b.EqualBytes(want) {
			t.Errorf("bytes %d to %d: wrong", r[0], r[1])
		}
		part.Mask(maskKey, 0)
		part.Release()
	}
	b.Release()
}

func TestMaskAllocs(t *testing.T) {
	pool := buffertest.Pool(t)
	for _, n := range []int{125, 100_000} {
		b := pool.Alloc(n)
		b.Write(numbers(n))
		if a := testing.AllocsPerRun(100, func() { b.Mask(maskKey, 1) }); a != 0 {
			t.Errorf("%d bytes: %v allocations", n, a)
		}
		b.Release()
	}
}

func FuzzMask(f *testing.F) {
	f.Add([]byte("Hello"), uint32(0x37fa213d), uint8(1), uint16(2))
	f.Add(numbers(3000), uint32(1), uint8(7), uint16(1500))
	f.Fuzz(func(t *testing.T, in []byte, k uint32, phase uint8, cut uint16) {
		pool := buffertest.Pool(t)
		key := [4]byte{byte(k >> 24), byte(k >> 16), byte(k >> 8), byte(k)}
		at := min(int(cut), len(in))
		b, rest := pool.Alloc(0), pool.Alloc(0)
		b.Write(in[:at])
		rest.Write(in[at:])
		b.Gather(rest, 0)
		b.Mask(key, int(phase))
		if !b.EqualBytes(masked(in, key, int(phase))) {
			t.Errorf("%d bytes, cut at %d, phase %d: wrong", len(in), at, phase)
		}
		b.Release()
	})
}

// BenchmarkMask is to be compared with BenchmarkMaskCopy, which only moves as many bytes.
func BenchmarkMask(b *testing.B) {
	for _, n := range []int{16, 125, 256, 384, 512, 1 << 10, 4 << 10, 64 << 10, 1 << 20} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := bench(b)
			o := c.Alloc(n)
			o.PutZero(n)
			b.SetBytes(int64(n))
			for b.Loop() {
				o.Mask(maskKey, 1)
			}
			o.Release()
		})
	}
}

func BenchmarkMaskCopy(b *testing.B) {
	for _, n := range []int{125, 4 << 10, 64 << 10, 1 << 20} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			from, to := make([]byte, n), make([]byte, n)
			b.SetBytes(int64(n))
			for b.Loop() {
				copy(to, from)
			}
		})
	}
}
