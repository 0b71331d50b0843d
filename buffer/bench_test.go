package buffer_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/valyala/bytebufferpool"
)

// bench returns the cache of a loop that runs on the benchmark's goroutine.
func bench(b *testing.B) *buffer.Cache {
	pool := new(buffer.Pool)
	c := pool.NewCache()
	b.Cleanup(func() {
		c.Close()
		if err := pool.Close(); err != nil {
			b.Error(err)
		}
	})
	b.ReportAllocs()
	return c
}

// BenchmarkAlloc makes and releases a buffer, and touches its first byte. The sizes are those of a block out of a small chunk, out
// of a larger one, of one that shares its chunk with few, of the largest class, and of a mapping of its own.
func BenchmarkAlloc(b *testing.B) {
	for _, n := range []int{64, 512, 4 << 10, 32 << 10, 256 << 10, 1 << 20, 2 << 20} {
		b.Run(fmt.Sprintf("Cache/%d", n), func(b *testing.B) {
			c := bench(b)
			for b.Loop() {
				o := c.Alloc(n)
				o.PutUint8(1)
				o.Release()
			}
		})
		b.Run(fmt.Sprintf("Pool/%d", n), func(b *testing.B) {
			pool := bench(b).Pool()
			for b.Loop() {
				o := pool.Alloc(n)
				o.PutUint8(1)
				o.Release()
			}
		})
		b.Run(fmt.Sprintf("Heap/%d", n), func(b *testing.B) {
			heap := new(buffer.Heap)
			b.ReportAllocs()
			for b.Loop() {
				o := heap.Alloc(n)
				o.PutUint8(1)
				o.Release()
			}
		})
		b.Run(fmt.Sprintf("bytebufferpool/%d", n), func(b *testing.B) {
			var pool bytebufferpool.Pool
			b.ReportAllocs()
			for b.Loop() {
				o := pool.Get()
				if cap(o.B) < n {
					o.B = make([]byte, n)
				}
				o.B = o.B[:n]
				o.B[0] = 1
				pool.Put(o)
			}
		})
		b.Run(fmt.Sprintf("syncPool/%d", n), func(b *testing.B) {
			pool := sync.Pool{New: func() any { p := make([]byte, n); return &p }}
			b.ReportAllocs()
			for b.Loop() {
				o := pool.Get().(*[]byte)
				(*o)[0] = 1
				pool.Put(o)
			}
		})
	}
}

// BenchmarkRandomSizes replaces buffers of random sizes in a window of 1,000 that are live: 64 B to 256 KiB, evenly distributed on
// a logarithmic scale.
func BenchmarkRandomSizes(b *testing.B) {
	c := bench(b)
	r := rand.New(rand.NewPCG(1, 2))
	var sizes [1 << 16]int
	for i := range sizes {
		sizes[i] = int(64 * math.Exp2(12*r.Float64()))
	}
	var live [1000]*buffer.Buf
	for i := range live {
		live[i] = c.Alloc(sizes[i])
	}
	for i := 0; b.Loop(); i++ {
		at := sizes[(i*7)&0xffff] % len(live)
		live[at].Release()
		o := c.Alloc(sizes[i&0xffff])
		o.PutUint8(1)
		live[at] = o
	}
	for _, o := range live {
		o.Release()
	}
}
