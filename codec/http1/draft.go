package http1

import "github.com/ropewalk/ropewalk/buffer"

// A draft is the room that a head is written into: in the block for replies if it is short, else in a block of its own.
type draft struct {
	cache *buffer.Cache
	own   *buffer.Buf
	room  []byte
}

// newDraft returns a draft with room for size bytes.
func newDraft(c *buffer.Cache, size int) draft {
	if size <= buffer.MaxReply {
		return draft{cache: c, room: c.ReplyRoom(size)}
	}
	b := c.Alloc(size)
	return draft{cache: c, own: b, room: b.Tail(size)}
}

// done returns p, which was appended to room[:0], as a buffer. The caller owns it.
func (d *draft) done(p []byte) *buffer.Buf {
	if len(p) > len(d.room) {
		panic("http1: head is larger than was thought") // it was appended elsewhere
	}
	if d.own == nil {
		return d.cache.Replied(len(p))
	}
	d.own.Commit(len(p))
	return d.own
}
