package buffer

// A Queue is a FIFO of buffers on their way out. It is a list through the handles: nothing is held when it is empty.
// A buffer whose bytes follow those at the tail in the same block is merged into it. All methods belong to the
// goroutine of the cache they are given.
type Queue struct {
	head, tail *Buf
	size       int
}

// Len returns the number of bytes in the queue.
func (q *Queue) Len() int { return q.size }

// Empty tells whether nothing is queued.
func (q *Queue) Empty() bool { return q.head == nil }

// Push adds b at the end and consumes it.
func (q *Queue) Push(c *Cache, b *Buf) {
	b.mustOwn()
	q.size += b.size
	t := q.tail
	if t == nil || t.one.b != b.one.b || t.one.end != b.one.off || (t.flags|b.flags)&^(live|queued) != 0 ||
		len(t.more)+len(b.more) > 0 || t.one.share+b.one.share < 0 || b.home != c {
		q.push(c, b)
		return
	}
	// The common case: a reply behind the one before. What join and put do, for one view each.
	t.one.end = b.one.end
	t.one.share += b.one.share
	t.size += b.size
	b.size = dead
	b.flags = 0
	b.gen++
	c.returned++
	b.one.b, b.next, c.free = nil, c.free, b
}

func (q *Queue) push(c *Cache, b *Buf) {
	t := q.tail
	switch {
	case b.size == 0:
		c.release(b)
		return
	case t == nil:
		q.head = b
	case t.joins(b):
		t.join(b)
		b.discardHandle()
		return
	default:
		t.next = b
	}
	b.next = nil
	b.flags |= queued
	q.tail = b
	if b.flags&watch != 0 {
		b.record().passed("passed on to a queue")
	}
}

// Vectors appends the queued pieces to dst, in order, until dst has limit entries or the pieces hold maxBytes.
// The slices are borrowed until the queue changes.
func (q *Queue) Vectors(dst [][]byte, limit, maxBytes int) [][]byte {
	n := 0
	for b := q.head; b != nil && len(dst) < limit && n < maxBytes; b = b.next {
		dst = append(dst, b.one.bytes())
		raceRead(b.one.bytes())
		n += b.one.len()
		for i := range b.more {
			if len(dst) == limit || n >= maxBytes {
				break
			}
			if s := &b.more[i]; s.len() > 0 {
				dst = append(dst, s.bytes())
				raceRead(s.bytes())
				n += s.len()
			}
		}
	}
	return dst
}

// First returns the first piece, and whether it is all there is. The slice is borrowed until the queue changes.
func (q *Queue) First() (p []byte, only bool) {
	b := q.head
	raceRead(b.one.bytes())
	return b.one.bytes(), b.next == nil && len(b.more) == 0
}

// Advance drops the first n bytes, which were sent.
func (q *Queue) Advance(n int) {
	if n < 0 || n > q.size {
		panic("buffer: Advance beyond the queue")
	}
	q.size -= n
	for n > 0 {
		b := q.head
		if n < b.size {
			b.Discard(n)
			return
		}
		n -= b.size
		if q.head = b.next; q.head == nil {
			q.tail = nil
		}
		b.unqueue()
		b.Release()
	}
}

// Pop removes the first buffer and returns it, nil if there is none. The caller owns it.
func (q *Queue) Pop() *Buf {
	b := q.head
	if b == nil {
		return nil
	}
	if q.head = b.next; q.head == nil {
		q.tail = nil
	}
	q.size -= b.size
	b.unqueue()
	return b
}

// unqueue makes b, which has left the list, a buffer that somebody owns.
func (b *Buf) unqueue() {
	b.next = nil
	b.flags &^= queued
	if b.flags&watch != 0 {
		b.record().passed("")
	}
}

// Clear releases all that is queued.
func (q *Queue) Clear() {
	for b := q.Pop(); b != nil; b = q.Pop() {
		b.Release()
	}
}
