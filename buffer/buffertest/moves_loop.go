package buffertest

import "bytes"

func movePush(w *world) {
	if e := w.pick(); e != nil {
		w.step("push %d", e.id)
		w.queue.Push(w.cache, e.b)
		w.queued = append(w.queued, e.want...)
		w.gone(e)
	}
}

func moveAdvance(w *world) {
	n := w.dice.IntN(len(w.queued) + 1)
	w.step("advance %d", n)
	if !w.queue.Empty() {
		p, only := w.queue.First()
		if !bytes.HasPrefix(w.queued, p) || only && len(p) != len(w.queued) {
			w.fail("First is wrong")
		}
	}
	w.queue.Advance(n)
	w.queued = w.queued[n:]
}

func movePop(w *world) {
	b := w.queue.Pop()
	if b == nil {
		if len(w.queued) > 0 {
			w.fail("Pop of a queue of %d bytes is nil", len(w.queued))
		}
		return
	}
	w.step("pop: %d", w.ids+1)
	w.add(b, w.queued[:b.Len()])
	w.queued = w.queued[b.Len():]
}

// moveReceive writes over all of the memory for the next read, and keeps some.
func moveReceive(w *world) {
	p, err := w.cache.ReceiveRoom()
	if err != nil {
		w.fail("ReceiveRoom: %v", err)
	}
	if w.dice.IntN(2) == 0 {
		p = p[:min(len(p), 1+size(w.dice))]
	}
	fill(p, &w.seed)
	n := min(size(w.dice), len(p))
	w.step("receive %d: %d", n, w.ids+1)
	w.add(w.cache.Received(n), p[:n])
}

func moveAbandon(w *world) {
	if w.depth == 0 && w.dice.IntN(4) == 0 {
		w.step("abandon")
		w.cache.Abandon()
	}
}

// moveDrive reads a handle as a codec's driver does, message by message.
func moveDrive(w *world) {
	e := w.pick()
	if e == nil || w.depth > 1 {
		return
	}
	w.step("drive %d {", e.id)
	e.driver = true
	w.depth++
	d := &driver{world: w, e: e, r: w.cache.Reader(e.b)}
	loans := len(w.loans)
	for range between(w.dice, 1, 5) {
		d.message()
		w.verify()
		w.loans = w.loans[:loans]
		d.r.Repay()
	}
	n := d.r.Consumed()
	if n != e.skip {
		w.fail("Consumed is %d, want %d", n, e.skip)
	}
	d.r.Close()
	e.driver, e.skip = false, 0
	e.b.Discard(n)
	e.want = e.want[n:]
	w.depth--
	w.step("} drive %d, discard %d", e.id, n)
}
