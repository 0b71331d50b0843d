package channel

import (
	"errors"
	"syscall"

	"github.com/ropewalk/ropewalk/buffer"
)

// flushBackend gives the queue to the backend.
//
// Bytes of a mapped file (buffer.Map) may be lost at any time. A Buf that has lost some is not sent: the channel closes
// with ErrFileShrank, as it does for a File. The kernel, which finds no page, fails with EFAULT, or takes what is in front of it.
// But when somebody has read the page, or the file ends inside of it, there are zeros, which the kernel takes for what is to be
// sent. So the queue is looked at before, and what was in it once more afterwards: then zeros may have left, and the peer is
// told by a reset that it has not got what it should have. Pages that were lent to the kernel (MSG_ZEROCOPY), and those of a File, can
// change until the peer has acknowledged them, and nobody looks again.
func (ch *Channel) flushBackend() error {
	var seen *buffer.Buf
	if buffer.MayTear() { // hardly ever
		seen = ch.out.mapped(ch.loop.cache)
	}
	if seen == nil {
		return ch.backend.Flush(&ch.out)
	}
	defer seen.Release()
	if seen.Err() != nil {
		return shrank()
	}
	err := ch.backend.Flush(&ch.out)
	if seen.Err() != nil || errors.Is(err, syscall.EFAULT) {
		return shrank()
	}
	return err
}

func shrank() error { return NewOpError("write", ErrFileShrank) }

// mapped shows what is queued of mapped files, nil if nothing is.
func (q *Outbound) mapped(c *buffer.Cache) *buffer.Buf {
	b := q.bytes.Mapped(c, nil)
	for f := q.files; f != nil; f = f.next {
		b = f.after.Mapped(c, b)
	}
	return b
}
