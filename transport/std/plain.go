package std

import (
	"errors"
	"io"
	"net"

	"github.com/ropewalk/ropewalk/channel"
)

const (
	firstBuffer = 2 << 10  // what a plain connection reads into
	mostBuffer  = 32 << 10 // what that grows to
	fewReads    = 16       // so many reads that need less than a quarter make it smaller
)

// plain is a connection of which nothing is known but that it is a net.Conn. One goroutine is in its Read, without the lock, and
// another one, from the first output on, in its Write:
//
//	Read ──► buffer ──► the lock: copy to the loop's memory, deliver ──► unlock ──► Read
//	                    the lock: copy from the queue ──► unlock ──► Write ──► the lock: take it off the queue
//
// The reader goes on while reading is paused until its buffer is full, so that it learns of an error. The bytes in Write are a
// copy because the channel, and with it the queue, may end meanwhile.
type plain struct {
	*conn
	buf         []byte
	start, fill int   // what was read and is not delivered; the reader reads behind it
	few         int   // reads in a row that needed little of buf
	end         error // why the reader has stopped
	waits       bool  // the reader waits for resume
	resume      chan struct{}
	out         plainOutlet
	shut        bool // we have closed the connection, to end our direction
}

var _ mover = (*plain)(nil)

func newPlain(c *conn) *plain {
	p := &plain{conn: c, resume: make(chan struct{}, 1)}
	p.out.kick = make(chan work, 1)
	return p
}

// exact implements mover.
func (c *plain) exact() bool { return false }

// silent implements mover.
func (c *plain) silent() bool { return c.start == c.fill && c.end == nil }

// HasInput implements channel.Backend. While reading is paused the reader goes on until its buffer is full: then nobody knows what is
// behind it.
func (c *plain) HasInput(n int) bool {
	return c.fill-c.start >= n || c.fill == len(c.buf) || c.end != nil
}

// run implements mover.
func (c *plain) run() {
	if !c.open() {
		c.nc.Close()
		return
	}
	defer func() { <-c.out.closed }()
	n, err := 0, error(nil)
	for {
		room, over := c.event(n, err)
		n, err = 0, nil
		switch {
		case over:
			return
		case room == nil:
			<-c.resume
		default:
			n, err = c.nc.Read(room)
		}
	}
}

// event takes what was read, ends the turn, and returns the room for the next read, nil if there is none.
func (c *plain) event(n int, err error) (room []byte, over bool) {
	l := c.l
	l.enter()
	defer l.leave()
	defer l.Recover()
	defer func() { // also behind a panic
		c.flags &^= inside
		if over = c.flags&gone != 0; over {
			return
		}
		room = c.room()
		c.waits = room == nil
		if c.wantsInput() { // reading was resumed by the turn
			c.dueLater()
		}
	}()
	if c.flags&gone != 0 {
		return
	}
	c.flags |= inside
	if n > 0 || err != nil {
		l.calls.Reads++
		c.account(n, err)
	}
	c.burst()
	l.Turn()
	return
}

// account notes what a read has returned.
func (c *plain) account(n int, err error) {
	switch room := len(c.buf) - c.fill; {
	case n == room && len(c.buf) < mostBuffer:
		c.few = -1 // to grow
	case n < len(c.buf)/4:
		c.few = max(c.few, 0) + 1
	default:
		c.few = 0
	}
	c.fill += n
	if n > 0 || err != nil {
		c.flags |= readable
	}
	switch {
	case err == nil:
	case err == io.EOF, c.shut && (errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe)):
		c.end = io.EOF
	default:
		c.end = err
	}
}

// room returns where to read to, nil if the reader has to wait.
func (c *plain) room() []byte {
	if c.end != nil {
		return nil
	}
	if c.start == c.fill {
		c.start, c.fill = 0, 0
		switch size := len(c.buf); {
		case size == 0:
			c.buf = make([]byte, firstBuffer)
		case c.few < 0:
			c.buf = make([]byte, 2*size)
			c.few = 0
		case c.few >= fewReads && size > firstBuffer:
			c.buf = make([]byte, size/2)
			c.few = 0
		}
	}
	if c.fill == len(c.buf) {
		return nil
	}
	return c.buf[c.fill:]
}

// wantsInput tells whether there is something to be delivered.
func (c *plain) wantsInput() bool { return c.flags&readable != 0 && c.Reading() }

// burst implements mover.
func (c *plain) burst() {
	for c.wantsInput() && c.flags&gone == 0 {
		c.take()
	}
	if c.end != nil && c.end != io.EOF && c.flags&gone == 0 { // also when no input is wanted
		err := c.end
		c.end = io.EOF // once
		c.flags &^= readable
		c.Fail(channel.NewOpError("read", err))
	}
	if c.waits && c.start == c.fill && c.end == nil {
		c.signal() // the keeper has made room
	}
	if c.flags&(draining|gone) == draining {
		c.flags |= heard
		c.drain()
	}
}

// take implements mover.
func (c *plain) take() {
	switch {
	case c.start < c.fill:
		room := c.RoomFor(c.fill - c.start)
		if room == nil {
			return // it waits for memory
		}
		n := copy(room, c.buf[c.start:c.fill])
		c.start += n
		if c.start == c.fill && c.end == nil {
			c.flags &^= readable
		}
		c.Input(n)
	case c.end == io.EOF && !c.Ended():
		c.flags &^= readable
		c.ReceivedEOF()
	default:
		c.flags &^= readable
	}
}

// SetReading implements channel.Backend.
func (c *plain) SetReading(on bool) {
	switch {
	case !on:
	case c.waits && c.flags&readable != 0:
		c.signal() // the reader does it
	default:
		c.resumed()
	}
}

// signal ends the wait of the reader.
func (c *plain) signal() {
	select {
	case c.resume <- struct{}{}:
	default:
	}
}

// CloseWrite implements channel.Backend. The writer does it, since it may block.
func (c *plain) CloseWrite() error {
	c.out.ending = true
	c.wake()
	return nil
}

// Close implements channel.Backend.
func (c *plain) Close(abort bool) {
	c.remove()
	c.signal()
	if c.out.started {
		c.wake()
	}
	c.out.closed = make(chan struct{})
	c.l.spawn(func() { c.closeConn(abort) }) // a loop does not end before its channels
}

// closeConn closes the connection, which may take its time. This ends its Read and Write.
func (c *plain) closeConn(abort bool) {
	defer close(c.out.closed)
	if abort {
		under := c.nc
		if outer, ok := under.(interface{ NetConn() net.Conn }); ok { // as that of TLS, which would say farewell
			under = outer.NetConn()
		}
		if l, ok := under.(interface{ SetLinger(int) error }); ok {
			l.SetLinger(0) // close then sends a reset (RFC 9293 section 3.10.4)
			under.Close()
		}
	}
	c.nc.Close()
}
