package buffer

// A shelf holds the chunks of one class that have free blocks: first those that are nearly used up, last those of which
// nothing is in use. So blocks are taken from the former, and the latter can be dissolved.
type shelf struct {
	first, last *chunk
	chunks      int // all of the class, also those without a free block
	blocks      int
	free        int
}

// take removes a free block, and tells whether it was the first of its chunk. The shelf has one.
func (s *shelf) take() (b *block, k *chunk, woke bool) {
	k = s.first
	b = k.free
	k.free, b.next = b.next, nil
	woke = k.nfree == k.count
	k.nfree--
	s.free--
	if k.nfree == 0 {
		s.unlink(k)
	}
	return b, k, woke
}

// put adds a free block, and tells whether nothing of its chunk is in use any more.
func (s *shelf) put(b *block) (k *chunk, idle bool) {
	k = chunkOf(b)
	b.next, k.free = k.free, b
	k.nfree++
	s.free++
	idle = k.nfree == k.count
	switch {
	case k.nfree == 1:
		s.link(k, idle)
	case idle:
		s.unlink(k)
		s.link(k, true)
	}
	return k, idle
}

// link adds a chunk at the front, or at the end.
func (s *shelf) link(k *chunk, atEnd bool) {
	if s.first == nil {
		s.first, s.last = k, k
		return
	}
	if atEnd {
		k.prev, s.last.next, s.last = s.last, k, k
		return
	}
	k.next, s.first.prev, s.first = s.first, k, k
}

func (s *shelf) unlink(k *chunk) {
	if k.prev == nil {
		s.first = k.next
	} else {
		k.prev.next = k.next
	}
	if k.next == nil {
		s.last = k.prev
	} else {
		k.next.prev = k.prev
	}
	k.next, k.prev = nil, nil
}
