package gnet

import (
	"github.com/ropewalk/ropewalk/channel"
)

const (
	maxVectors = 1024    // IOV_MAX, writev(2)
	maxTurn    = 1 << 20 // bytes that one connection sends in one turn
)

// Flush implements channel.Backend.
func (c *conn) Flush(q *channel.Outbound) error {
	if c.flags&waiting != 0 {
		c.Blocked()
		return nil
	}
	for sent := 0; !q.Empty(); {
		if sent >= maxTurn { // the others' turn
			c.goOn()
			return nil
		}
		var n, all int
		var err error
		if q.Bytes() > 0 {
			n, all, err = c.sendBytes(q)
		} else {
			n, all, err = c.sendFile(q.File(), maxTurn-sent)
		}
		if err != nil {
			return err
		}
		q.Advance(int64(n))
		if n < all { // the system has no more room
			c.waitForRoom()
			c.Blocked()
			return nil
		}
		sent += n
	}
	return nil
}

// goOn has Port.Ready called in another turn.
func (c *conn) goOn() {
	if c.flags&unsent == 0 {
		c.flags |= unsent
		l := c.loop()
		l.ready = append(l.ready, c)
	}
}

// copyFile sends up to limit bytes of a file by way of our memory, in pieces of up to 64 KiB, or less when the pool is at its
// limit. It blocks while the disk does.
func (c *conn) copyFile(f *channel.File, limit int) (n, all int, err error) {
	l := c.loop()
	room, err := l.Cache().ReceiveRoom()
	if err != nil {
		room = l.Scratch()
	}
	room = room[:min(len(room), limit)]
	if all, err = f.Peek(room); err != nil {
		return 0, 0, err
	}
	l.calls.Files++
	n, err = c.send(room[:all], false)
	return n, all, err
}
