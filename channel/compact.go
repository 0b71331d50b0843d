package channel

import "github.com/ropewalk/ropewalk/buffer"

// compactBytes is how much output that has to wait is copied to memory of its own.
const compactBytes = 64 << 10

// Blocked says that the system takes no more output for now, and that it holds nothing of what is left in the queue. What
// was read into the loop's blocks and written back keeps them in place: a few bytes for a slow peer 64 KiB each. So a short
// rest is copied. Engines call it at the end of Backend.Flush.
func (p *Port) Blocked() {
	ch := &p.Channel
	if n := ch.out.Bytes(); n == 0 || n > compactBytes {
		return
	}
	if _, only := ch.out.First(); only && ch.flags&flagCompact != 0 {
		return // copied already, and nothing was written since
	}
	if ch.out.compact(ch.loop.cache) {
		ch.flags |= flagCompact
	}
}

// compact puts the bytes before the first file into one block. If they begin with one that has room, because they were copied
// before, it takes the others in; else all go to a new one with a little room. Without memory for that they stay
// where they are, and compact returns false.
func (q *Outbound) compact(c *buffer.Cache) bool {
	others := q.bytes
	q.bytes = buffer.Queue{}
	to := others.Pop()
	if to.Room() < others.Len() || others.Empty() {
		n := to.Len() + others.Len()
		b, err := c.TryAlloc(n + n/4)
		if err != nil {
			for ; to != nil; to = others.Pop() {
				q.bytes.Push(c, to)
			}
			return false
		}
		b.Commit(to.CopyAt(b.Tail(n), 0))
		to.Release()
		to = b
	}
	for b := others.Pop(); b != nil; b = others.Pop() {
		to.Commit(b.CopyAt(to.Tail(b.Len()), 0))
		b.Release()
	}
	q.bytes.Push(c, to)
	return true
}
