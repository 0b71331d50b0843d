package buffer

import "fmt"

// Growth of a buffer that is filled piece by piece: a new block is as large as what is there already, within these
// bounds.
const (
	minStart = 128 - DefaultHeadroom
	minGrow  = 256
	maxGrow  = 64 << 10
)

// Tail returns writable room behind the last byte: at least n contiguous bytes, maybe more. Commit makes what was
// written there part of the buffer. The slice is valid until the next call of a method of b. Tail panics with ErrLimit
// when the allocator is at its limit.
func (b *Buf) Tail(n int) []byte {
	p, err := b.TryTail(n)
	if err != nil {
		panic(err)
	}
	return p
}

// TryTail is Tail that returns ErrLimit instead of panicking. The bytes of b are then what they were.
func (b *Buf) TryTail(n int) ([]byte, error) {
	if n < 0 {
		panic(fmt.Sprintf("buffer: Tail(%d)", n))
	}
	if b.flags&room != 0 {
		b.writing()
		if s := b.last(); int(s.b.size-s.end) >= n {
			if b.flags&watch != 0 {
				b.lend(true)
			}
			return s.b.bytes(s.end, s.b.size), nil
		}
	}
	return b.grow(n)
}

// grow links an empty view with room for n bytes.
func (b *Buf) grow(n int) ([]byte, error) {
	b.mustLive()
	if b.size == 0 {
		b.dropSegs(b.local())
		b.flags &^= room | seen | torn
		if err := b.restart(max(n, minStart)); err != nil {
			return nil, err
		}
		s := &b.one
		return s.b.bytes(s.end, s.b.size), nil
	}
	b.dropEmptyTail()
	blk, err := b.tryBlock(max(n, min(max(b.size, minGrow), maxGrow)))
	if err != nil {
		return nil, err
	}
	b.push(seg{b: blk, share: firstShares})
	b.flags |= room
	return blk.bytes(0, blk.size), nil
}

// restart gives a handle without views its first block.
func (b *Buf) restart(n int) error {
	c := b.local()
	if c == nil {
		p := b.home.pool
		p.mu.Lock()
		defer p.mu.Unlock()
		c = &p.shared
	}
	return b.start(c, n)
}

// Commit makes the first n bytes of what Tail returned part of the buffer. It panics if there was less room.
func (b *Buf) Commit(n int) {
	s := b.last()
	if b.flags&room == 0 || uint64(n) > uint64(s.b.size-s.end) { // a negative n is a large one here
		b.mustLive()
		panic(fmt.Sprintf("buffer: Commit(%d) without as much room", n))
	}
	s.end += uint32(n)
	b.size += n
	if b.flags&watch != 0 {
		b.lend(false)
	}
}

// Room returns how many bytes can be appended without another block.
func (b *Buf) Room() int {
	if b.flags&room == 0 {
		b.mustLive()
		return 0
	}
	s := b.last()
	return int(s.b.size - s.end)
}
