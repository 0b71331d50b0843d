package buffertest

import (
	"bytes"

	"github.com/ropewalk/ropewalk/buffer"
)

// testAdopt checks when adopted memory is released: once, when the last view of it is gone.
func testAdopt(w *world) {
	released := 0
	p := w.random(1000)
	whole := bytes.Clone(p)
	b := buffer.Wrap(w.alloc, p[100:900:900], func() { released++ })
	clone := b.Clone()
	part := b.Split(300)
	b.Discard(500)
	copy(b.Prepend(40), "not into adopted memory")
	part.Write([]byte("nor behind it"))
	b.Release()
	clone.Truncate(100)
	clone.Write(make([]byte, 50))
	clone.Release()
	if released != 0 {
		w.fail("memory was released while a view of it was there")
	}
	w.away(part.Release)
	if released != 1 {
		w.fail("memory was released %d times", released)
	}
	if !bytes.Equal(p, whole) {
		w.fail("adopted memory was written to")
	}
	buffer.Wrap(w.alloc, nil, func() { released++ }).Release()
	if released != 2 {
		w.fail("empty memory was not released")
	}
}
