package buffertest

import (
	"bytes"

	"github.com/ropewalk/ropewalk/buffer"
)

// A move changes the world at random.
type move func(w *world)

// moves are all moves; those that come up more often are there more often.
var moves = []move{
	moveAlloc, moveAlloc, moveWrite, moveTail, moveTail, moveTailAgain, movePrepend, movePrepend, moveFrontAgain,
	moveSlice, moveSlice, moveClone, moveSplit, moveSplit, moveAppend, moveAppend, moveAppend, moveDiscard, moveTruncate,
	moveOwn, moveBytes, moveCopy, moveSet, movePut, moveRead, moveRelease, moveWrap, movePush, movePush, moveAdvance, movePop,
	moveCursor, moveDrive, moveDrive, moveReceive, moveReceive, moveAbandon,
}

func moveAlloc(w *world) {
	n, m := size(w.dice), size(w.dice)
	from := w.alloc
	if w.dice.IntN(2) == 0 {
		from = w.cache
	}
	w.step("alloc %d, write %d from %T: %d", n, m, from, w.ids+1)
	p := w.random(m)
	b := from.Alloc(n)
	w.away(func() { b.Write(p) })
	w.add(b, p)
}

func moveWrite(w *world) {
	if e := w.pick(); e != nil {
		p := w.random(size(w.dice))
		w.step("write %d to %d", len(p), e.id)
		w.away(func() { e.b.Write(p) })
		e.want = append(e.want, p...)
	}
}

// moveTail writes over all of the room it gets, and keeps some.
func moveTail(w *world) {
	if e := w.pick(); e != nil {
		n := size(w.dice)
		w.step("tail %d of %d", n, e.id)
		w.away(func() { w.tail(e, n) })
	}
}

func (w *world) tail(e *entry, n int) {
	p := e.b.Tail(n)
	if len(p) < n {
		w.fail("Tail(%d) is %d bytes", n, len(p))
	}
	fill(p, &w.seed)
	m := w.dice.IntN(n + 1)
	if m == 0 && w.dice.IntN(2) == 0 {
		return // without Commit
	}
	e.want = append(e.want, p[:m]...)
	e.b.Commit(m)
}

// moveTailAgain cuts a buffer and fills it up again: bytes that others see must not be overwritten.
func moveTailAgain(w *world) {
	if e := w.pick(); e != nil {
		n := w.dice.IntN(len(e.want) + 1)
		w.step("truncate %d to %d and fill up", e.id, n)
		w.away(func() {
			e.b.Truncate(n)
			e.want = e.want[:n]
			w.tail(e, 1+w.dice.IntN(300))
		})
	}
}

func movePrepend(w *world) {
	if e := w.pick(); e != nil {
		w.away(func() { w.prepend(e, size(w.dice)) })
	}
}

func (w *world) prepend(e *entry, n int) {
	w.step("prepend %d to %d", n, e.id)
	p := e.b.Prepend(n)
	if len(p) != n {
		w.fail("Prepend(%d) is %d bytes", n, len(p))
	}
	fill(p, &w.seed)
	e.want = append(bytes.Clone(p), e.want...)
}

// moveFrontAgain gives up the front of a buffer and writes there again.
func moveFrontAgain(w *world) {
	if e := w.pick(); e != nil {
		n := w.dice.IntN(len(e.want) + 1)
		w.step("discard %d of %d and prepend", n, e.id)
		w.away(func() {
			e.b.Discard(n)
			e.want = e.want[n:]
			w.prepend(e, w.dice.IntN(n+8))
		})
	}
}

func moveDiscard(w *world) {
	if e := w.pick(); e != nil {
		n := w.dice.IntN(len(e.want) + 1)
		w.step("discard %d of %d", n, e.id)
		w.away(func() { e.b.Discard(n) })
		e.want = e.want[n:]
	}
}

func moveTruncate(w *world) {
	if e := w.pick(); e != nil {
		n := w.dice.IntN(len(e.want) + 1)
		w.step("truncate %d to %d", e.id, n)
		w.away(func() { e.b.Truncate(n) })
		e.want = e.want[:n]
	}
}

func moveRelease(w *world) {
	if e := w.pick(); e != nil {
		w.release(e)
	}
}

func moveWrap(w *world) {
	const guard = 32
	n := size(w.dice)
	m := &wrap{all: w.random(n + 2*guard)}
	m.want = bytes.Clone(m.all)
	w.step("wrap %d: %d", n, w.ids+1)
	b := buffer.Wrap(w.alloc, m.all[guard:guard+n:guard+n], func() { m.released++ })
	w.wraps = append(w.wraps, m)
	w.add(b, m.all[guard:guard+n])
}
