package buffer_test

import (
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
)

// share runs f with a buffer of 32 KiB, which it returns.
func share(b *testing.B, name string, f func(c *buffer.Cache, o *buffer.Buf) *buffer.Buf) {
	b.Run(name, func(b *testing.B) {
		c := bench(b)
		o := c.Alloc(32 << 10)
		o.PutZero(32 << 10)
		for b.Loop() {
			o = f(c, o)
		}
		o.Release()
	})
}

func BenchmarkSlice(b *testing.B) {
	share(b, "100", func(_ *buffer.Cache, o *buffer.Buf) *buffer.Buf {
		o.Slice(100, 200).Release()
		return o
	})
	share(b, "all", func(_ *buffer.Cache, o *buffer.Buf) *buffer.Buf {
		o.Clone().Release()
		return o
	})
	b.Run("pieces=16", func(b *testing.B) { // of which it takes eight
		c := bench(b)
		o := pieces(c, 16, 1000)
		for b.Loop() {
			o.Slice(500, 8500).Release()
		}
		o.Release()
	})
}

// BenchmarkSplit takes 100 bytes off the front, and joins them again: by then they lie side by side.
func BenchmarkSplit(b *testing.B) {
	share(b, "side by side", func(_ *buffer.Cache, o *buffer.Buf) *buffer.Buf {
		head := o.Split(100)
		head.Append(o)
		return head
	})
	b.Run("pieces=16", func(b *testing.B) {
		c := bench(b)
		o := pieces(c, 16, 1000)
		for b.Loop() {
			head := o.Split(8000)
			head.Append(o)
			o = head
		}
		o.Release()
	})
}

// BenchmarkAppend joins two slices in each way that there is.
func BenchmarkAppend(b *testing.B) {
	share(b, "merged", func(_ *buffer.Cache, o *buffer.Buf) *buffer.Buf { // side by side in one block
		x := o.Slice(0, 1000)
		x.Append(o.Slice(1000, 2000))
		x.Release()
		return o
	})
	share(b, "linked", func(_ *buffer.Cache, o *buffer.Buf) *buffer.Buf {
		x := o.Slice(0, 1000)
		x.Append(o.Slice(2000, 3000))
		x.Release()
		return o
	})
	share(b, "copied", func(c *buffer.Cache, o *buffer.Buf) *buffer.Buf { // 200 bytes into room
		x := c.Alloc(200)
		x.Append(o.Slice(2000, 2200))
		x.Release()
		return o
	})
	b.Run("headroom", func(b *testing.B) { // a header moves in front of a body that has room there
		c := bench(b)
		for b.Loop() {
			x, body := c.Alloc(8), c.Alloc(1000)
			x.PutUint32(1000)
			body.PutUint8(1)
			x.Append(body)
			x.Release()
		}
	})
}

// pieces returns a buffer of n pieces of each bytes.
func pieces(c *buffer.Cache, n, each int) *buffer.Buf {
	page := make([]byte, each)
	o := c.Alloc(0)
	for range n {
		o.Append(buffer.Wrap(c, page, nil))
	}
	return o
}

// BenchmarkQueue is a reply to each of 16 frames of a burst, sent with one call. They lie side by side, or with gaps.
func BenchmarkQueue(b *testing.B) {
	for _, q := range []struct {
		name string
		gap  int
	}{{"merged", 0}, {"apart", 100}} {
		b.Run(q.name, func(b *testing.B) {
			c := bench(b)
			o := c.Alloc(4096)
			o.PutZero(4096)
			var queue buffer.Queue
			var v [][]byte
			for b.Loop() {
				for i := range 16 {
					at := i * (100 + q.gap)
					queue.Push(c, o.Slice(at, at+100))
				}
				v = queue.Vectors(v[:0], 64, 1<<20)
				queue.Advance(1600)
			}
			o.Release()
		})
	}
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
