package buffer_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
)

// BenchmarkSearch finds the end of a line: a short one, a long one, and one in sixteen pieces.
func BenchmarkSearch(b *testing.B) {
	seq := []byte("\r\n")
	set := buffer.BytesOf("\r\n")
	for _, kind := range []struct {
		name string
		find func(o *buffer.Buf) int
	}{
		{"Byte", func(o *buffer.Buf) int { return o.IndexByte('\n', 0) }},
		{"Sequence", func(o *buffer.Buf) int { return o.Index(seq, 0) }},
		{"Set", func(o *buffer.Buf) int { return o.IndexAny(&set, 0) }},
		{"Func", func(o *buffer.Buf) int { return o.IndexFunc(func(c byte) bool { return c == '\n' }, 0) }},
	} {
		for _, c := range []struct{ pieces, each int }{{1, 64}, {1, 1024}, {16, 4096}} {
			b.Run(fmt.Sprintf("%s/%dx%d", kind.name, c.pieces, c.each), func(b *testing.B) {
				cache := bench(b)
				o := cache.Alloc(0)
				for range c.pieces {
					o.Append(buffer.Wrap(cache, bytes.Repeat([]byte("abcdefgh"), c.each/8), nil))
				}
				o.PutString("\r\n")
				b.SetBytes(int64(o.Len()))
				for b.Loop() {
					if kind.find(o) < 0 {
						b.Fatal("not found")
					}
				}
				o.Release()
			})
		}
	}
}

// BenchmarkRandomAccess reads single bytes at random places. It must grow with the logarithm of the number of segments.
func BenchmarkRandomAccess(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			o := pieces(bench(b), n, 300)
			if o.Segments() != n {
				b.Fatalf("%d segments, want %d", o.Segments(), n)
			}
			at := uint32(1)
			for b.Loop() {
				at = at*1664525 + 1013904223
				o.At(int(at>>1) % o.Len())
			}
			o.Release()
		})
	}
}
