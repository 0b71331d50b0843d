package buffertest

import "github.com/ropewalk/ropewalk/buffer"

// shapes are the ways to hold the same bytes.
var shapes = []struct {
	name string
	make func(w *world, p []byte) *buffer.Buf
}{
	{"contiguous", func(w *world, p []byte) *buffer.Buf {
		b := w.alloc.Alloc(len(p))
		b.Write(p)
		return b
	}},
	{"sliced", func(w *world, p []byte) *buffer.Buf {
		b := w.alloc.Alloc(0)
		defer b.Release()
		b.Write(w.random(9))
		b.Write(p)
		b.Write(w.random(9))
		return b.Slice(9, 9+len(p))
	}},
	{"composite", pieces},
	{"single bytes", func(w *world, p []byte) *buffer.Buf { return linked(w, p, func() int { return 1 }) }},
	{"wrapped", func(w *world, p []byte) *buffer.Buf { return buffer.Wrap(w.alloc, append([]byte(nil), p...), nil) }},
	{"taken", func(w *world, p []byte) *buffer.Buf {
		src := w.alloc.Alloc(0)
		src.Write(w.random(9))
		src.Write(p)
		src.Write(w.random(9))
		r := w.cache.Reader(src)
		r.Skip(9)
		b := r.Take(len(p))
		r.Commit()
		n := r.Consumed()
		r.Close()
		src.Discard(n)
		src.Release()
		return b
	}},
	{"received", func(w *world, p []byte) *buffer.Buf {
		b := w.alloc.Alloc(0)
		for len(p) > 0 {
			room, err := w.cache.ReceiveRoom()
			if err != nil {
				w.fail("ReceiveRoom: %v", err)
			}
			n := copy(room, p)
			b.Append(w.cache.Received(n))
			p = p[n:]
		}
		return b
	}},
}

// pieces cuts p at random places.
func pieces(w *world, p []byte) *buffer.Buf {
	return linked(w, p, func() int { return 1 + size(w.dice) })
}

// linked makes a Buf of pieces of p, each of the next length. Append copies what is short, so every piece is made as the
// front of a longer one.
func linked(w *world, p []byte, next func() int) *buffer.Buf {
	const rest = 400
	b := w.alloc.Alloc(0)
	for len(p) > 0 {
		n := min(next(), len(p))
		o := w.alloc.Alloc(n + rest)
		o.Write(p[:n])
		o.Write(w.random(rest))
		b.Append(o)
		b.Truncate(b.Len() - rest)
		p = p[n:]
	}
	return b
}

// testShapes makes all reads on all shapes.
func testShapes(w *world) {
	for _, s := range shapes {
		w.step("shape: %s", s.name)
		for _, n := range []int{0, 1, 2, 9, 60, 400, 3000, 70000} {
			if n > 3000 && s.name == "single bytes" {
				continue
			}
			p := w.random(n)
			e := w.add(s.make(w, p), p)
			if s.name == "single bytes" && e.b.Segments() < n-20 {
				w.fail("%d single bytes in %d segments", n, e.b.Segments())
			}
			w.verify()
			for range 4 {
				checkReads(w, e.b, e.want)
				checkReader(w, e.b, e.want)
			}
			w.verify()
			w.trim()
		}
	}
}
