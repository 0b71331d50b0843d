package std

import (
	"errors"
	"io"

	"github.com/ropewalk/ropewalk/channel"
)

const (
	writeBlock = 32 << 10 // what is handed to Write at once
	spareMost  = 64       // blocks that a loop keeps
)

// plainOutlet is how a plain connection sends. Its goroutine, the writer, is started by the first output.
type plainOutlet struct {
	kick    chan work     // gives the writer work when it waits
	closed  chan struct{} // closed when the connection is; made by Close
	started bool
	awake   bool          // the writer looks for work before it waits
	block   []byte        // what the writer has to send, nil if there is nothing
	n       int           // bytes in it
	file    *channel.File // what they are to be read from, if they are a file's
	ending  bool          // CloseWrite is wanted
	moved   int           // bytes that were sent, and are not yet off the queue
}

// Flush implements channel.Backend.
func (c *plain) Flush(q *channel.Outbound) error {
	o := &c.out
	if o.moved > 0 {
		q.Advance(int64(o.moved))
		o.moved = 0
	}
	switch {
	case q.Empty():
		return nil
	case o.block != nil: // the writer comes back
		if o.file == nil {
			c.Blocked()
		}
		return nil
	}
	l := c.l
	o.block, o.n = l.takeBlock(), 0
	if q.Bytes() == 0 {
		o.file = q.File().Clone()
	} else {
		l.pieces = q.Vectors(l.pieces[:0], writeBlock, writeBlock)
		for _, p := range l.pieces {
			o.n += copy(o.block[o.n:], p)
		}
	}
	c.wake()
	return nil
}

// wake gives the writer work, unless it looks for work before it waits. It need not have the lock to begin: who has it may be
// a handler that has called Flush and goes on.
func (c *plain) wake() {
	o := &c.out
	if !o.started {
		o.started = c.l.spawn(c.write)
	}
	if !o.awake {
		o.awake = true
		o.kick <- c.pending() // there is room: nobody else does this until the writer waits again
	}
}

// write is the writer's goroutine.
func (c *plain) write() {
	for w := <-c.out.kick; ; {
		n, err := 0, error(nil)
		switch {
		case w.over:
			return
		case w.file != nil:
			if n, err = w.file.Peek(w.block); err == nil {
				n, err = c.writeAll(w.block[:n])
			}
		case w.block != nil:
			n, err = c.writeAll(w.block)
		case w.ending:
			err = c.closeWrite()
		}
		if w = c.next(n, err); w.none {
			w = <-c.out.kick
		}
	}
}

// writeAll writes p. A Write that has done a part of it, and tells no error, is called again.
func (c *plain) writeAll(p []byte) (int, error) {
	for done := 0; ; {
		n, err := c.nc.Write(p[done:])
		if n < 0 || n > len(p)-done {
			return done, channel.NewOpError("write", errBadCount)
		}
		done += n
		switch {
		case err != nil:
			return done, channel.NewOpError("write", err)
		case done == len(p):
			return done, nil
		case n == 0:
			return done, channel.NewOpError("write", io.ErrNoProgress)
		}
	}
}

// A closeWriter can end one direction, as the connections of TCP, Unix sockets and TLS can.
type closeWriter interface{ CloseWrite() error }

var errBadCount = errors.New("impossible count of bytes")

// closeWrite ends our direction, or, where the connection has only one end, both.
func (c *plain) closeWrite() error {
	if cw, ok := c.nc.(closeWriter); ok {
		if h, ok := c.nc.(interface{ Handshake() error }); ok { // Read and Write of TLS do that by themselves
			if err := h.Handshake(); err != nil {
				return channel.NewOpError("handshake", err)
			}
		}
		return channel.NewOpError("shutdown", cw.CloseWrite())
	}
	return channel.NewOpError("shutdown", c.nc.Close())
}

// work is what the writer has to do: one of these, or to wait.
type work struct {
	block  []byte        // to be sent
	file   *channel.File // to be read into block before that
	ending bool          // our direction is to be ended
	over   bool          // the connection is
	none   bool          // wait
}

// next notes what the writer has done, and returns what it is to do.
func (c *plain) next(n int, err error) (w work) {
	l, o := c.l, &c.out
	l.enter()
	defer l.leave()
	defer l.Recover()
	defer func() { w = c.pending() }() // also behind a panic
	o.awake = true
	if n > 0 || err != nil {
		c.sent(n)
	}
	switch {
	case c.flags&gone != 0:
		return
	case err != nil:
		c.Fail(err)
	default:
		c.Ready()
	}
	l.Turn()
	return
}

// pending returns what the writer is to do.
func (c *plain) pending() work {
	o := &c.out
	switch {
	case c.flags&gone != 0:
		c.sent(0)
		return work{over: true}
	case o.file != nil:
		return work{block: o.block, file: o.file}
	case o.block != nil:
		return work{block: o.block[:o.n]}
	case o.ending:
		o.ending = false
		_, half := c.nc.(closeWriter)
		c.shut = !half
		return work{ending: true}
	}
	o.awake = false
	return work{none: true}
}

// sent ends the sending of a block, of which n bytes have left.
func (c *plain) sent(n int) {
	l, o := c.l, &c.out
	if o.block == nil {
		return
	}
	if o.file != nil {
		o.file.Release()
		o.file = nil
		l.calls.Files++
	}
	l.calls.Writes++
	l.calls.WrittenBytes += uint64(n)
	o.moved = n
	l.giveBlock(o.block)
	o.block = nil
}

// takeBlock returns memory for output of a plain connection.
func (l *loop) takeBlock() []byte {
	last := len(l.spare) - 1
	if last < 0 {
		return make([]byte, writeBlock)
	}
	p := l.spare[last]
	l.spare = l.spare[:last]
	return p
}

// giveBlock takes it back.
func (l *loop) giveBlock(p []byte) {
	if len(l.spare) < spareMost {
		l.spare = append(l.spare, p)
	}
}
