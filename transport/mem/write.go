package mem

import (
	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

const (
	maxPieces = 1024    // of a gathered write
	maxTurn   = 1 << 20 // bytes that one connection sends in one turn

	// leastPassed is the shortest piece that is passed on in its buffer rather than copied. It may keep a block of 64 KiB in place
	// that its writer has read into, four times its size; and a copy of less costs no more than the locks of handing over.
	leastPassed = 16 << 10
)

// Flush implements channel.Backend.
func (c *conn) Flush(q *channel.Outbound) error {
	for sent := 0; !q.Empty(); {
		if sent >= maxTurn { // the others' turn
			c.link.block(int(c.me), true)
			return nil
		}
		var n, all int
		var err error
		if room := c.passable(q); room > 0 {
			if n, err = c.pass(q, room); err != nil {
				return err
			}
			sent += n
			continue
		}
		if q.Bytes() > 0 {
			n, all, err = c.sendBytes(q)
		} else {
			n, all, err = c.sendFile(q.File())
		}
		if err != nil {
			return err
		}
		q.Advance(int64(n))
		if n < all { // the link has no more room
			c.Blocked()
			return nil
		}
		sent += n
	}
	return nil
}

// sendBytes sends the bytes before the next file, or 1024 pieces of them, at once. all is what it tried to send.
func (c *conn) sendBytes(q *channel.Outbound) (n, all int, err error) {
	l := c.loop()
	l.counts.Writes++
	l.pieces = q.Vectors(l.pieces[:0], maxPieces, maxTurn)
	for _, p := range l.pieces {
		all += len(p)
	}
	n, err = c.link.write(int(c.me), l.pieces...)
	l.counts.WrittenBytes += uint64(n)
	return n, all, channel.NewOpError("write", err)
}

// passable returns how much of the first piece may be passed on as it is, 0 if it is to be copied: to a plain connection or
// another pool, if it is short, or if memory is, which what is on its way shall then not hold.
func (c *conn) passable(q *channel.Outbound) int {
	if q.Bytes() < leastPassed {
		return 0
	}
	p, _ := q.First()
	if len(p) < leastPassed || c.loop().pool.Pressed() {
		return 0
	}
	if room, passing := c.link.space(int(c.me)); passing && room >= leastPassed {
		return min(len(p), room)
	}
	return 0
}

// pass sends n bytes of the first piece in their buffer. It goes in a handle that nobody has seen: a loop that recovers from a
// panic would take the one that its handler was called with for lost, see buffer.Hand.
func (c *conn) pass(q *channel.Outbound, n int) (int, error) {
	l := c.loop()
	l.counts.Writes++
	l.counts.WrittenBytes += uint64(n)
	var one buffer.Queue
	q.Take(l.Cache(), n, &one)
	b := one.Pop()
	own := b.Split(n)
	b.Release()
	return n, channel.NewOpError("write", c.link.pass(int(c.me), own))
}

// sendFile sends the next bytes of a file, by way of 16 KiB of Go memory: none of the pool's, and no more than there is room for.
func (c *conn) sendFile(f *channel.File) (n, all int, err error) {
	l := c.loop()
	l.counts.Files++
	p := l.Scratch()
	if room, _ := c.link.space(int(c.me)); room == 0 {
		c.link.block(int(c.me), true)
		return 0, 1, nil
	} else if room < len(p) {
		p = p[:room]
	}
	if all, err = f.Peek(p); err != nil {
		return 0, 0, err
	}
	n, err = c.link.write(int(c.me), p[:all])
	l.counts.FileBytes += uint64(n)
	return n, all, channel.NewOpError("write", err)
}
