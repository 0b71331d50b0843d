package buffertest

import (
	"bytes"
	"slices"

	"github.com/ropewalk/ropewalk/buffer"
)

// Bounds of a world, so that comparing all of it stays cheap.
const (
	maxHandles = 24
	maxBytes   = 64 << 10 // in models
)

// add makes b a live handle of the world.
func (w *world) add(b *buffer.Buf, want []byte) *entry {
	w.ids++
	e := &entry{b: b, want: bytes.Clone(want), id: w.ids}
	w.handles = append(w.handles, e)
	return e
}

// gone removes a handle that was consumed.
func (w *world) gone(e *entry) {
	w.handles = slices.DeleteFunc(w.handles, func(o *entry) bool { return o == e })
}

func (w *world) release(e *entry) {
	w.step("release %d", e.id)
	w.gone(e)
	w.away(e.b.Release)
}

// pick returns a handle that may be changed, nil if there is none.
func (w *world) pick() *entry {
	for range 8 {
		if len(w.handles) == 0 {
			return nil
		}
		if e := w.handles[w.dice.IntN(len(w.handles))]; !e.driver {
			return e
		}
	}
	return nil
}

// away runs f, now and then on another goroutine: that of no loop.
func (w *world) away(f func()) {
	if w.dice.IntN(4) != 0 {
		f()
		return
	}
	w.step("   ... on another goroutine")
	done := make(chan any)
	go func() {
		defer func() { done <- recover() }()
		f()
	}()
	if v := <-done; v != nil {
		panic(v)
	}
	if w.t.Failed() {
		w.t.FailNow()
	}
}

// trim releases handles until the world is within its bounds.
func (w *world) trim() {
	for {
		n := 0
		for _, e := range w.handles {
			n += len(e.want)
		}
		if len(w.handles) <= maxHandles && n <= maxBytes {
			break
		}
		e := w.pick()
		if e == nil {
			break
		}
		w.release(e)
	}
	if len(w.queued) > maxBytes {
		w.step("advance the queue by all %d", len(w.queued))
		w.queue.Advance(len(w.queued))
		w.queued = nil
	}
	w.wraps = slices.DeleteFunc(w.wraps, func(m *wrap) bool {
		if m.released > 1 {
			w.fail("wrapped memory was released %d times", m.released)
		}
		return m.released == 1
	})
}

// end releases all and checks that nothing is left.
func (w *world) end() {
	w.queue.Clear()
	w.queued = nil
	for len(w.handles) > 0 {
		w.release(w.handles[w.dice.IntN(len(w.handles))])
		w.verify()
	}
	w.trim()
	if len(w.wraps) > 0 {
		w.fail("%d pieces of wrapped memory were not released", len(w.wraps))
	}
}
