//go:build linux

package socket

import (
	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// Sending without a copy (MSG_ZEROCOPY, Documentation/networking/msg_zerocopy.rst)
//
// The kernel sends out of our blocks, and again when a segment was lost. So what was sent leaves the queue but not its blocks: it
// is held until a notice on the socket's error queue says that the kernel has let go of it, which with TCP is when it was
// acknowledged. Calls are numbered by the kernel and by us; a notice is about a range of numbers. Memory that were released
// earlier would be used for something else, and the peer, or another one, would get that.

// zeroCopy is what a connection that sends without copies has.
type zeroCopy struct {
	least int // bytes of a piece that is worth it
	off   bool
	holding
	done   int // calls that the kernel has told about
	copied int // of these, those whose bytes it has copied
}

const (
	trialSends = 64   // after which sending without copies is given up, if most of them were copies
	maxNotices = 1024 // that are taken at a time; more bring another event
)

// holding is what the kernel may still read, by call. It belongs to a connection, or to what is left of one.
type holding struct {
	first uint32 // the number of the call that calls[from] is about
	calls []buffer.Queue
	from  int
}

// outstanding tells whether there is anything that the kernel may still read.
func (h *holding) outstanding() bool { return h.from < len(h.calls) }

// add returns where the bytes of the next call belong.
func (h *holding) add() *buffer.Queue {
	if h.from > 0 && len(h.calls) == cap(h.calls) {
		h.calls = h.calls[:copy(h.calls, h.calls[h.from:])]
		h.from = 0
	}
	h.calls = append(h.calls, buffer.Queue{})
	return &h.calls[len(h.calls)-1]
}

// release gives up what calls of a range of numbers have sent, and returns how many there were.
func (h *holding) release(low, high uint32) (n int) {
	for id := low; ; id++ {
		if i := int(id-h.first) + h.from; id-h.first < uint32(len(h.calls)-h.from) && !h.calls[i].Empty() {
			h.calls[i].Clear()
			n++
		}
		if id == high || id-low > uint32(len(h.calls)) {
			break
		}
	}
	for h.from < len(h.calls) && h.calls[h.from].Empty() {
		h.from++
		h.first++
	}
	if h.from == len(h.calls) {
		h.from, h.calls = 0, h.calls[:0]
	}
	return n
}

// releaseAll gives up everything.
func (h *holding) releaseAll() {
	for i := range h.calls {
		h.calls[i].Clear()
	}
	*h = holding{}
}

// sendPieces is sendBytes for a connection that sends large pieces without a copy: it sends as many as are of one kind. kept is
// how many bytes have left the queue already.
func (c *Conn) sendPieces(q *channel.Outbound) (n, all, kept int, errno unix.Errno) {
	l := c.loop()
	z := &l.features[c].zero
	if z.off {
		n, all, errno = c.sendBytes(q)
		return n, all, 0, errno
	}
	l.pieces = q.Vectors(l.pieces[:0], maxVectors, maxTurn)
	large := len(l.pieces[0]) >= z.least
	for i, p := range l.pieces {
		if len(p) >= z.least != large {
			l.pieces = l.pieces[:i]
			break
		}
	}
	all = l.vectorize()
	flags := 0
	if f := q.File(); all < q.Bytes() || f != nil && f.Size() > 0 {
		flags = unix.MSG_MORE // what follows shares a segment, sendto(2)
	}
	l.Calls.Writes++
	if large {
		n, errno = sendmsg(int(c.FD), l.vectors, flags|unix.MSG_ZEROCOPY)
		if errno == 0 && n > 0 {
			q.Take(l.Cache(), n, z.add())
			l.Calls.ZeroCopySends++
			l.Calls.ZeroCopyBytes += uint64(n)
			l.Calls.wrote(n)
			return n, all, n, 0
		}
		if errno != unix.ENOBUFS { // more notices are due than there is memory for (net.core.optmem_max), or too many pages are locked
			return n, all, 0, errno
		}
		l.Calls.Writes++
	}
	n, errno = sendmsg(int(c.FD), l.vectors, flags)
	l.Calls.wrote(n)
	return n, all, 0, errno
}

// Notified takes what the kernel tells on a socket's error queue, and tells whether there was something: then an event that says
// that the socket has an error has perhaps meant no more than that. If it has a true error too, another event says so. Pollers
// call it for connections with the flag ZeroCopying.
func (c *Conn) Notified() bool {
	l := c.loop()
	f := l.features[c]
	if f == nil {
		return false
	}
	z := &f.zero
	before := z.done
	some := l.notices(int(c.FD), func(low, high uint32, copied bool) {
		n := z.release(low, high)
		z.done += n
		if copied {
			z.copied += n
			l.Calls.ZeroCopyCopied += uint64(n)
		}
	})
	if before < trialSends && z.done >= trialSends && 2*z.copied > z.done {
		z.off = true
	}
	return some
}

// notices calls f for what the error queue of a socket says of calls whose bytes the kernel has let go of.
func (l *Loop) notices(fd int, f func(low, high uint32, copied bool)) (some bool) {
	var control [256]byte
	for range maxNotices {
		msg := unix.Msghdr{Control: &control[0]}
		msg.SetControllen(len(control))
		l.Calls.Control++
		if _, errno := recvmsg(fd, &msg, unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT); errno == unix.EINTR {
			continue
		} else if errno != 0 {
			break
		}
		some = true
		if low, high, copied, ok := parseNotice(control[:msg.Controllen]); ok {
			f(low, high, copied)
		}
	}
	return some
}
