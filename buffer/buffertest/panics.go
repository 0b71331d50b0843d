package buffertest

import "github.com/ropewalk/ropewalk/buffer"

// testPanics makes the mistakes that must be noticed.
//
//bufvet:ignore the mistakes are what is tested
func testPanics(w *world) {
	must := func(what string, f func()) {
		defer func() {
			if recover() == nil {
				w.fail("%s did not panic", what)
			}
		}()
		f()
	}
	b := w.alloc.Alloc(10)
	b.Write([]byte("0123456789"))
	released := w.alloc.Alloc(10)
	released.Release()
	must("a second Release", released.Release)
	must("Append of a released Buf", func() { b.Append(released) })
	must("Append to itself", func() { b.Append(b) })
	must("Push of a released Buf", func() { w.queue.Push(w.cache, released) })
	must("At before the start", func() { b.At(-1) })
	must("At behind the end", func() { b.At(10) })
	must("Uint32 across the end", func() { b.Uint32(7) })
	must("SetUint64 across the end", func() { b.SetUint64(3, 1) })
	must("Slice beyond the end", func() { b.Slice(4, 11) })
	must("Slice backwards", func() { b.Slice(4, 3) })
	must("Split beyond the end", func() { b.Split(11) })
	must("Discard beyond the end", func() { b.Discard(11) })
	must("Discard of a negative number", func() { b.Discard(-1) })
	must("Truncate beyond the end", func() { b.Truncate(11) })
	must("Truncate to a negative number", func() { b.Truncate(-1) })
	must("Tail of a negative number", func() { b.Tail(-1) })
	must("Prepend of a negative number", func() { b.Prepend(-1) })
	must("PutZero of a negative number", func() { b.PutZero(-1) })
	must("Commit without room", func() { b.Commit(b.Room() + 1) })
	must("Commit of a negative number", func() { b.Commit(-1) })
	must("CopyAt behind the end", func() { b.CopyAt(nil, 11) })
	must("Index behind the end", func() { b.Index([]byte("x"), 11) })
	must("Advance beyond the queue", func() { w.queue.Advance(1) })
	if b.Prepend(0) != nil || !b.EqualBytes([]byte("0123456789")) {
		w.fail("a failed call has changed the buffer")
	}
	w.queue.Push(w.cache, b)
	must("Release of a queued Buf", b.Release)
	w.queue.Clear()
	if s := b.String(); s != "Buf(released)" {
		w.fail("String of a released Buf is %q", s)
	}
	testReaderPanics(w, must)
}

func testReaderPanics(w *world, must func(string, func())) {
	b := w.alloc.Alloc(10)
	defer b.Release()
	r := buffer.NewReader(b)
	defer r.Close()
	must("a number of no bytes", func() { r.Uint(0) })
	must("a number of nine bytes", func() { r.UintLE(9) })
	if r.Have(-1) || r.Err() == nil {
		w.fail("a negative length was accepted")
	}
}
