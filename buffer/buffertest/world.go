package buffertest

import (
	"bytes"
	"fmt"
	"testing"
	"unsafe"

	"github.com/ropewalk/ropewalk/buffer"
)

// A world holds everything that is alive in a random test, each thing with a model: the bytes it must show. After every step
// all of it is compared, so a write that hits the bytes of another handle is found at once.
type world struct {
	t     testing.TB
	dice  dice
	alloc buffer.Allocator
	cache *buffer.Cache // the loop that the test runs on
	pool  Counter
	base  int    // what was live before
	seed  uint64 // of bytes that are written

	handles []*entry
	wraps   []*wrap
	loans   []loan
	queue   buffer.Queue
	queued  []byte // model of queue
	depth   int    // drivers at work
	ids     int    // of handles, in traces
	trace   []string
}

// An entry is a live handle.
type entry struct {
	b      *buffer.Buf
	want   []byte
	id     int
	driver bool // a driver reads it: only it may change it
	skip   int  // bytes in front that the driver has handed out
}

// A wrap is adopted memory, between two guards.
type wrap struct {
	all      []byte
	want     []byte
	released int
}

// A loan is a borrowed slice that must stay as it is.
type loan struct{ p, want []byte }

// A view is anything with bytes that must be as its model says.
type view struct {
	name   string
	pieces [][]byte
	want   []byte
}

// views returns everything that shows bytes.
func (w *world) views() []view {
	var all []view
	for _, e := range w.handles {
		all = append(all, view{fmt.Sprintf("handle %d", e.id), cut(e.b.Vectors(nil), e.skip), e.want[e.skip:]})
	}
	for i, m := range w.wraps {
		all = append(all, view{fmt.Sprintf("wrapped memory %d", i), [][]byte{m.all}, m.want})
	}
	for i, l := range w.loans {
		all = append(all, view{fmt.Sprintf("loan %d", i), [][]byte{l.p}, l.want})
	}
	return append(all, view{"queue", w.queue.Vectors(nil, 1<<30, 1<<30), w.queued})
}

// cut drops the first n bytes of pieces.
func cut(pieces [][]byte, n int) [][]byte {
	for n > 0 && len(pieces) > 0 {
		m := min(n, len(pieces[0]))
		pieces[0] = pieces[0][m:]
		n -= m
		if len(pieces[0]) == 0 {
			pieces = pieces[1:]
		}
	}
	return pieces
}

// verify compares everything with its model.
func (w *world) verify() {
	for _, v := range w.views() {
		at := 0
		for _, p := range v.pieces {
			if at+len(p) > len(v.want) {
				w.fail("%s is longer than the %d bytes of its model", v.name, len(v.want))
			}
			if q := v.want[at : at+len(p)]; !bytes.Equal(p, q) {
				i := 0
				for p[i] == q[i] {
					i++
				}
				w.fail("%s: byte %d of %d is %#x, want %#x", v.name, at+i, len(v.want), p[i], q[i])
			}
			at += len(p)
		}
		if at != len(v.want) {
			w.fail("%s has %d bytes, want %d", v.name, at, len(v.want))
		}
	}
	for _, e := range w.handles {
		if e.b.Len() != len(e.want) {
			w.fail("handle %d: Len is %d, want %d", e.id, e.b.Len(), len(e.want))
		}
	}
	if w.queue.Len() != len(w.queued) {
		w.fail("the queue's Len is %d, want %d", w.queue.Len(), len(w.queued))
	}
	if w.queue.Empty() && w.depth == 0 {
		w.cache.Publish()
		if n := w.pool.Live() - w.base; n != len(w.handles) {
			w.fail("%d handles are live, want %d", n, len(w.handles))
		}
	}
}

// changed brings the models up to date after n bytes from i on were changed in place through e: whoever shows one of them, by
// its address, must show the new value.
func (w *world) changed(e *entry, i, n int) {
	at := 0
	for _, p := range e.b.Vectors(nil) {
		lo, hi := max(i-at, 0), min(i+n-at, len(p))
		if lo < hi {
			w.changedAt(p[lo:hi], e.want[at+lo:at+hi])
		}
		at += len(p)
	}
}

func (w *world) changedAt(p, now []byte) {
	now = bytes.Clone(now)
	start := uintptr(unsafe.Pointer(&p[0]))
	for _, v := range w.views() {
		at := 0
		for _, q := range v.pieces {
			if len(q) > 0 {
				from := int(start) - int(uintptr(unsafe.Pointer(&q[0]))) // where p begins in q
				for k := range p {
					if j := from + k; j >= 0 && j < len(q) {
						v.want[at+j] = now[k]
					}
				}
			}
			at += len(q)
		}
	}
}

// fail ends the test with the latest steps.
func (w *world) fail(format string, args ...any) {
	w.t.Helper()
	if n := len(w.trace); n > 40 {
		w.trace = w.trace[n-40:]
	}
	for _, s := range w.trace {
		w.t.Log(s)
	}
	w.t.Fatalf(format, args...)
}

// step notes what happens next.
func (w *world) step(format string, args ...any) {
	w.trace = append(w.trace, fmt.Sprintf(format, args...))
}

// random returns n fresh bytes.
func (w *world) random(n int) []byte {
	p := make([]byte, n)
	fill(p, &w.seed)
	return p
}
