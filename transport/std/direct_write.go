//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package std

import (
	"syscall"

	"github.com/ropewalk/ropewalk/channel"
)

// Flush implements channel.Backend.
func (c *direct) Flush(q *channel.Outbound) error {
	if o := c.out; o != nil && o.file != nil {
		return nil // the writer has it
	} else if o != nil && o.moved > 0 {
		q.Advance(o.moved)
		o.moved = 0
	}
	for sent := 0; !q.Empty(); {
		switch {
		case q.Bytes() == 0:
			if o := c.await(ready); o != nil {
				o.file = q.File().Clone()
			}
			return nil
		case sent >= maxTurn: // the others' turn
			c.await(ready)
			return nil
		}
		n, all, errno := c.sendBytes(q)
		switch {
		case errno == syscall.EINTR:
			continue
		case errno == syscall.EAGAIN:
			n = 0
		case errno != 0:
			return channel.NewOpError("write", errno)
		}
		q.Advance(int64(n))
		if n < all { // the system has no more room
			c.await(full)
			c.Blocked()
			return nil
		}
		sent += n
	}
	if c.out != nil {
		c.out.state = finished
	}
	return nil
}

// sendBytes sends the bytes before the next file, or 1024 pieces of them, in one call. all is what it tried to send.
func (c *direct) sendBytes(q *channel.Outbound) (n, all int, errno syscall.Errno) {
	f := q.File()
	more := f != nil && f.Size() > 0 // the header waits for the file's first bytes
	l := c.l
	l.calls.Writes++
	if p, only := q.First(); only {
		n, errno = send(c.fd, p, more)
		all = len(p)
	} else {
		l.pieces = q.Vectors(l.pieces[:0], maxVectors, maxTurn)
		n, all, errno = l.gather.send(c.fd, l.pieces, more)
	}
	if errno == 0 {
		l.calls.WrittenBytes += uint64(n)
	}
	return n, all, errno
}

// await leaves the rest to the writer, which is started if there is none. It returns nil if there cannot be one, because
// the loop has ended, and with it the channel.
func (c *direct) await(s progress) *outlet {
	if c.out == nil {
		o := &outlet{c: c}
		if !c.l.spawn(o.run) {
			return nil
		}
		c.out = o
	}
	c.out.state = s
	return c.out
}

// outlet is what a connection has while its output waits for room, or for a file. Its goroutine, the writer, ends when
// everything was sent. Its fields belong to the loop.
type outlet struct {
	c     *direct
	state progress
	file  *channel.File // what the writer sends without having the lock: its own handle on the first file of the queue
	moved int64         // bytes of the first file that were sent, and are not yet off the queue
}

// progress is what the writer does next.
type progress int

const (
	finished progress = iota // end
	ready                    // send
	full                     // wait for room, then send
)

// run is the writer's goroutine. RawConn.Write calls step at once, and then whenever there is room again.
func (o *outlet) run() {
	err := o.c.raw.Write(o.step)
	o.end(err)
}

// step sends what it can, and tells whether the writer has done its work.
func (o *outlet) step(fd uintptr) (done bool) {
	n, err := 0, error(nil)
	for {
		f, s := o.next(n, err)
		n, err = 0, nil
		switch {
		case s == finished:
			return true
		case s == full:
			return false
		case f == nil:
			continue
		}
		var errno syscall.Errno
		n, errno, err = sendFile(int(fd), f)
		switch errno {
		case 0:
			if n == 0 && err == nil {
				err = channel.NewOpError("sendfile", channel.ErrFileShrank)
			}
		case syscall.EAGAIN:
			return false
		case syscall.EINTR:
			n = 0
		default:
			err = channel.NewOpError("sendfile", errno)
		}
	}
}

// next takes what was sent of a file off the queue, sends bytes, and returns the file that is next, if that is what is next.
func (o *outlet) next(n int, err error) (f *channel.File, s progress) {
	c, l := o.c, o.c.l
	l.enter()
	defer l.leave()
	defer l.Recover()
	s = ready // behind a panic
	switch {
	case c.flags&gone != 0:
		return nil, finished
	case o.file != nil && n == 0 && err == nil:
		return o.file, ready
	case o.file != nil:
		o.file.Release()
		o.file = nil
		l.calls.Files++
		l.calls.FileBytes += uint64(n)
		o.moved = int64(n)
	}
	if o.state = finished; err != nil {
		c.Fail(err)
	} else {
		c.Ready()
	}
	l.Turn()
	if c.flags&gone != 0 {
		return nil, finished
	}
	if o.state == finished && c.out == o {
		c.out = nil
	}
	return o.file, o.state
}

// end is called when the wait for room is over, with an error if that is why.
func (o *outlet) end(err error) {
	c, l := o.c, o.c.l
	l.enter()
	defer l.leave()
	defer l.Recover()
	if c.out == o {
		c.out = nil
	}
	if o.file != nil {
		o.file.Release()
		o.file = nil
	}
	if err != nil && c.flags&gone == 0 {
		c.Fail(channel.NewOpError("poll", err))
		l.Turn()
	}
}
