package mem

import "sync"

// Bytes on their way lie in chunks of Go memory, as they lie in the kernel's on a real network: they do not count against the
// pool of either side, and keep none of its blocks in place. An idle connection has no chunk.
const (
	chunkBytes = 4 << 10
	maxChunks  = 1024 // that are kept for later
)

// A chunk is a piece of a stream.
type chunk struct {
	next     *chunk
	from, to int // the bytes that are in use
	data     [chunkBytes]byte
}

// A chunkList has the free chunks of a network.
type chunkList struct {
	mu   sync.Mutex
	free *chunk
	n    int
}

// take returns an empty chunk.
func (l *chunkList) take() *chunk {
	l.mu.Lock()
	c := l.free
	if c != nil {
		l.free = c.next
		l.n--
	}
	l.mu.Unlock()
	if c == nil {
		return new(chunk)
	}
	c.next, c.from, c.to = nil, 0, 0
	return c
}

// put takes a chunk back.
func (l *chunkList) put(c *chunk) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.n < maxChunks {
		c.next, l.free = l.free, c
		l.n++
	}
}

// A bytesQueue is a FIFO of bytes in chunks.
type bytesQueue struct {
	head, tail *chunk
	home       *chunkList
}

// write adds p at the end.
func (q *bytesQueue) write(p []byte) {
	for len(p) > 0 {
		t := q.tail
		if t == nil || t.to == chunkBytes {
			t = q.home.take()
			if q.tail == nil {
				q.head = t
			} else {
				q.tail.next = t
			}
			q.tail = t
		}
		n := copy(t.data[t.to:], p)
		t.to += n
		p = p[n:]
	}
}

// read removes len(p) bytes from the front into p; there are as many.
func (q *bytesQueue) read(p []byte) {
	for len(p) > 0 {
		h := q.head
		n := copy(p, h.data[h.from:h.to])
		h.from += n
		p = p[n:]
		if h.from == h.to {
			q.dropHead()
		}
	}
}

func (q *bytesQueue) dropHead() {
	h := q.head
	if q.head = h.next; q.head == nil {
		q.tail = nil
	}
	q.home.put(h)
}

// clear drops everything.
func (q *bytesQueue) clear() {
	for q.head != nil {
		q.dropHead()
	}
}
