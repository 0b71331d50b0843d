package buffer

import "fmt"

// A loop reads into one block and cuts views from it. When no view is left the block is used from its start again, so that
// the bytes of small messages stay in the processor's cache: a fresh block for every read costs 1.3 to 2.3 times as
// much on small messages.
const (
	receiveBlock = 64 << 10
	receiveRoom  = 16 << 10 // less room than this, and the loop moves to another block
)

// ReceiveRoom returns memory for the next read of the loop, between 16 and 64 KiB, or ErrLimit. It is valid until the
// next call of a method of the cache.
func (c *Cache) ReceiveRoom() ([]byte, error) {
	if c.recv != nil && !c.pool.guard() {
		if c.recv.refs.Load() == c.recvShare {
			c.recvPos = 0 // nobody else is left
		}
		if c.recv.size-c.recvPos >= receiveRoom {
			room := c.recv.bytes(c.recvPos, c.recv.size)
			raceWrite(room)
			return room, nil
		}
	}
	c.dropReceive()
	b, err := c.block(receiveBlock)
	if err != nil {
		return nil, err
	}
	c.recv, c.recvPos, c.recvShare = b, 0, firstShares<<6
	b.refs.Store(c.recvShare)
	return b.bytes(0, b.size), nil
}

// MaxReply is the most that ReplyRoom returns, in bytes.
const MaxReply = receiveRoom

// ReplyRoom returns memory for n bytes of output, up to MaxReply: for short replies that are encoded and written at once. They
// go into the block that the loop reads into, one behind the other, so that those of one burst leave as a single piece, and
// none of them takes a block of its own. It panics with ErrLimit when the pool is at its limit. The memory is valid until
// the next call of a method of the cache, which is usually Replied.
func (c *Cache) ReplyRoom(n int) []byte {
	if c.recv != nil && !c.pool.guard() && int(c.recv.size-c.recvPos) >= n {
		room := c.recv.bytes(c.recvPos, c.recv.size)
		raceWrite(room[:n])
		return room
	}
	if n > MaxReply {
		panic(fmt.Sprintf("buffer: ReplyRoom(%d), which is more than MaxReply", n))
	}
	room, err := c.ReceiveRoom()
	if err != nil {
		panic(err)
	}
	return room
}

// Replied returns the first n bytes of what ReplyRoom returned as a buffer. The caller owns it.
func (c *Cache) Replied(n int) *Buf { return c.Received(n) }

// Received returns the first n bytes of what ReceiveRoom returned as a buffer. The caller owns it.
func (c *Cache) Received(n int) *Buf {
	b := c.get()
	if c.recvShare <= firstShares {
		c.recv.refs.Add(firstShares << 6)
		c.recvShare += firstShares << 6
	}
	c.recvShare -= firstShares
	b.next, b.size = nil, n
	s := &b.one
	s.b, s.share, s.lead = c.recv, firstShares, 0
	s.off, s.end = c.recvPos, c.recvPos+uint32(n)
	c.recvPos = s.end
	return b
}

// Abandon cleans up behind a panic: it closes the readers in use and takes back what they had just handed to a handler,
// see Hand. The loop reads into a fresh block from then on.
func (c *Cache) Abandon() {
	for r := c.reading; r != nil; r = c.reading {
		r.abandon()
		r.Close()
	}
	c.dropReceive()
}

// abandon takes back what a decoder that panicked had taken so far, or else the latest that its driver has handed to a
// handler.
func (r *Reader) abandon() {
	if r.at() == r.mark { // committed
		Hand{r.taken, r.takenGen}.Reclaim()
		return
	}
	for b := r.taken; b != nil && b.flags&(live|queued) == live; {
		next := b.next
		b.next = nil
		b.Release()
		b = next
	}
}

func (c *Cache) dropReceive() {
	b := c.recv
	if b == nil {
		return
	}
	c.recv = nil
	if b.refs.Add(-c.recvShare) == 0 {
		b.refs.Store(firstShares)
		b.free(c)
	}
}

// drop gives the view's shares back. c is the cache of the loop that this code runs on, nil elsewhere.
func (s *seg) drop(c *Cache) {
	if c != nil && s.b == c.recv {
		c.recvShare += int64(s.share)
		if c.pool.guard() && s.b.refs.Load() == c.recvShare {
			c.dropReceive() // a use after release is to show at once
		}
		return
	}
	s.b.drop(s.share, c)
}
