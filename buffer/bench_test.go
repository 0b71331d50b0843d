package buffer_test

import (
	"bytes"
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

// BenchmarkAlloc makes and releases a buffer, and touches its first byte.
func BenchmarkAlloc(b *testing.B) {
	for _, n := range []int{64, 512, 4 << 10, 32 << 10, 256 << 10} {
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

func BenchmarkShare(b *testing.B) {
	setup := func(b *testing.B) (*buffer.Cache, *buffer.Buf) {
		c := bench(b)
		o := c.Alloc(32 << 10)
		o.PutZero(32 << 10)
		return c, o
	}
	b.Run("Slice", func(b *testing.B) {
		_, o := setup(b)
		for b.Loop() {
			o.Slice(100, 200).Release()
		}
		o.Release()
	})
	b.Run("SplitAppend", func(b *testing.B) {
		_, o := setup(b)
		for b.Loop() {
			head := o.Split(100)
			head.Append(o)
			o = head
		}
		o.Release()
	})
	b.Run("AppendLink", func(b *testing.B) {
		c, o := setup(b)
		for b.Loop() {
			x := c.Alloc(0)
			x.Append(o.Slice(0, 1000))
			x.Append(o.Slice(2000, 3000))
			x.Release()
		}
		o.Release()
	})
	b.Run("Queue", func(b *testing.B) { // a reply to each of 16 frames of a burst, sent with one call
		c, o := setup(b)
		var queue buffer.Queue
		var v [][]byte
		for b.Loop() {
			for i := range 16 {
				queue.Push(c, o.Slice(100*i, 100*i+100))
			}
			v = queue.Vectors(v[:0], 64, 1<<20)
			queue.Advance(1600)
		}
		o.Release()
	})
}

// BenchmarkFrames decodes frames of a length and 100 bytes out of a received burst, as a driver does.
func BenchmarkFrames(b *testing.B) {
	const frames = 64
	c := bench(b)
	var burst []byte
	for range frames {
		burst = append(burst, 0, 0, 0, 100)
		burst = append(burst, make([]byte, 100)...)
	}
	for b.Loop() {
		room, _ := c.ReceiveRoom()
		src := c.Received(copy(room, burst))
		r := c.Reader(src)
		for range frames {
			o := r.Take(r.Length32(1 << 20))
			r.Commit()
			o.Release()
			r.Repay()
		}
		n := r.Consumed()
		r.Close()
		src.Discard(n)
		src.Release()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/frames, "ns/frame")
}

func BenchmarkNumbers(b *testing.B) {
	c := bench(b)
	o := c.Alloc(4096)
	defer o.Release()
	o.PutZero(4096)
	var sum uint64
	b.Run("PutUint32", func(b *testing.B) {
		x := c.Pool().Alloc(4096)
		for i := 0; b.Loop(); i++ {
			if i%1000 == 0 {
				x.Truncate(0)
			}
			x.PutUint32(uint32(i))
		}
		x.Release()
	})
	b.Run("Uint32At", func(b *testing.B) {
		for b.Loop() {
			sum += uint64(o.Uint32(100))
		}
	})
	read := func(name string, f func(r *buffer.Reader)) {
		b.Run("Reader/"+name, func(b *testing.B) {
			r := buffer.NewReader(o)
			for i := 0; b.Loop(); i++ {
				if i%500 == 0 {
					r.Rollback()
				}
				f(r)
			}
			r.Close()
		})
	}
	read("Uint8", func(r *buffer.Reader) { sum += uint64(r.Uint8()) })
	read("Uint16", func(r *buffer.Reader) { sum += uint64(r.Uint16()) })
	read("Uint32", func(r *buffer.Reader) { sum += uint64(r.Uint32()) })
	read("Uint64", func(r *buffer.Reader) { sum += r.Uint64() })
	read("Uint32LE", func(r *buffer.Reader) { sum += uint64(r.Uint32LE()) })
	read("Uvarint", func(r *buffer.Reader) { sum += r.Uvarint() })
}

func BenchmarkSearch(b *testing.B) {
	c := bench(b)
	o := c.Alloc(0)
	defer o.Release()
	for range 16 {
		o.Append(buffer.Wrap(c, bytes.Repeat([]byte("abcdefgh"), 512), nil))
	}
	o.PutString("\r\n")
	seq := []byte("\r\n")
	set := buffer.BytesOf("\r\n")
	for name, f := range map[string]func() int{
		"IndexByte": func() int { return o.IndexByte('\n', 0) },
		"Index":     func() int { return o.Index(seq, 0) },
		"IndexAny":  func() int { return o.IndexAny(&set, 0) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(o.Len()))
			for b.Loop() {
				if f() < 0 {
					b.Fatal("not found")
				}
			}
		})
	}
}

// BenchmarkRandomAccess reads single bytes at random places. It must grow with the logarithm of the number of segments.
func BenchmarkRandomAccess(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := bench(b)
			page := make([]byte, 300)
			o := c.Alloc(0)
			for range n {
				o.Append(buffer.Wrap(c, page, nil))
			}
			if o.Segments() != n {
				b.Fatalf("%d segments, want %d", o.Segments(), n)
			}
			at := uint32(1)
			b.ResetTimer()
			for b.Loop() {
				at = at*1664525 + 1013904223
				o.At(int(at>>1) % o.Len())
			}
			o.Release()
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
