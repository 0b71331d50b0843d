package buffertest

import "bytes"

func moveSlice(w *world) {
	if e := w.pick(); e != nil {
		i := w.dice.IntN(len(e.want) + 1)
		j := between(w.dice, i, len(e.want))
		w.step("slice [%d:%d] of %d: %d", i, j, e.id, w.ids+1)
		w.away(func() { w.add(e.b.Slice(i, j), e.want[i:j]) })
	}
}

func moveClone(w *world) {
	if e := w.pick(); e != nil {
		w.step("clone %d: %d", e.id, w.ids+1)
		w.away(func() { w.add(e.b.Clone(), e.want) })
	}
}

func moveCopy(w *world) {
	if e := w.pick(); e != nil {
		w.step("copy %d: %d", e.id, w.ids+1)
		w.away(func() { w.add(e.b.Copy(), e.want) })
	}
}

func moveSplit(w *world) {
	if e := w.pick(); e != nil {
		n := w.dice.IntN(len(e.want) + 1)
		w.step("split %d of %d: %d", n, e.id, w.ids+1)
		w.away(func() { w.add(e.b.Split(n), e.want[:n]) })
		e.want = e.want[n:]
	}
}

// moveAppend joins two handles, often two that lie side by side.
func moveAppend(w *world) {
	e, o := w.pick(), w.pick()
	if e != nil && o != nil && e != o {
		limit := size(w.dice)
		w.step("append %d to %d, or gather up to %d", o.id, e.id, limit)
		w.away(func() {
			if limit < 30 {
				e.b.Append(o.b)
			} else {
				e.b.Gather(o.b, limit)
			}
		})
		e.want = append(e.want, o.want...)
		w.gone(o)
	}
}

func moveOwn(w *world) {
	if e := w.pick(); e != nil {
		w.step("own %d", e.id)
		w.away(e.b.Own)
	}
}

func moveBytes(w *world) {
	if e := w.pick(); e != nil {
		w.step("bytes of %d", e.id)
		w.away(func() {
			if !bytes.Equal(e.b.Bytes(), e.want) {
				w.fail("Bytes differ")
			}
		})
		if e.b.Segments() > 1 {
			w.fail("%d segments after Bytes", e.b.Segments())
		}
	}
}

// moveSet changes bytes in place: everybody who shares them must see it.
func moveSet(w *world) {
	e := w.pick()
	f := &numbers[w.dice.IntN(len(numbers))]
	if e == nil || len(e.want) < f.n {
		return
	}
	i := w.dice.IntN(len(e.want) - f.n + 1)
	p := w.random(8)
	f.encode(e.want[i:], f.decode(p))
	w.step("Set%s(%d) of %d", f.name, i, e.id)
	w.away(func() { f.set(e.b, i, f.decode(p)) })
	w.changed(e, i, f.n)
}

func movePut(w *world) {
	if e := w.pick(); e != nil {
		f := &numbers[w.dice.IntN(len(numbers))]
		p := w.random(f.n)
		w.step("Put%s to %d", f.name, e.id)
		w.away(func() { f.put(e.b, f.decode(p)) })
		e.want = append(e.want, p...)
	}
}

func moveRead(w *world) {
	if e := w.pick(); e != nil {
		w.step("read %d", e.id)
		w.away(func() { checkReads(w, e.b, e.want) })
	}
}

// moveCursor reads with a Reader that leaves the buffer as it is, and keeps what it took.
func moveCursor(w *world) {
	if e := w.pick(); e != nil {
		w.step("reader over %d", e.id)
		w.away(func() { checkReader(w, e.b, e.want) })
	}
}
