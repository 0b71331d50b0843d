package std

import (
	"errors"
	"net"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// conn is a connection: a channel, and what direct and plain connections have in common. Its fields belong to the loop.
type conn struct {
	channel.Port
	l       *loop
	owner   *group.Owner
	nc      net.Conn
	mover   mover
	flags   flag
	index   int     // in the loop's conns
	opening opening // until it is open
}

// A mover moves the bytes of a connection: it is a direct or a plain one.
type mover interface {
	channel.Backend
	// run is the connection's goroutine. It calls open first.
	run()
	// take delivers one piece of input, if there is some and it is wanted.
	take()
	// burst does that for all there is, up to a bound.
	burst()
	// silent tells whether all that has come is delivered.
	silent() bool
	// exact tells whether silent knows what the system has received.
	exact() bool
}

type flag uint16

const (
	isOpen   flag = 1 << iota // its channel is
	gone                      // Backend.Close was called, or there will be no channel
	fresh                     // nothing was read yet
	readable                  // there may be input that was not delivered
	listed                    // in the loop's list of those with such input
	inside                    // its own goroutine holds the lock, and looks for input before it waits again
	draining                  // to be closed when all input is delivered
	heard                     // while draining, input has come since the last look
	looking                   // while draining, a look is due
)

// opening is what is needed to open a channel.
type opening struct {
	accept  func(*channel.Channel) channel.Sink
	options *channel.Options
	allowed func() error        // of a dial, else nil: tells whether the channel may still be opened
	opened  chan<- group.Opened // of a dial, else nil
}

// start gives a connection to a loop, which is to open its channel. The owner has counted it.
func (l *loop) start(nc net.Conn, o *group.Owner, op opening) {
	c := &conn{l: l, owner: o, nc: nc, opening: op}
	if c.mover = newDirect(c); c.mover == nil || l.group.engine.plain {
		c.mover = newPlain(c)
	}
	l.load.Add(1)
	l.mu.Lock()
	ok := l.spawn(func() {
		c.mover.run()
		l.load.Add(-1)
		o.Gone()
	})
	l.mu.Unlock()
	if !ok {
		nc.Close()
		l.load.Add(-1)
		o.Gone()
		c.tell(group.Opened{Err: channel.ErrClosed})
	}
}

// tell gives the result of opening to who waits for it.
func (c *conn) tell(o group.Opened) {
	if c.opening.opened != nil {
		c.opening.opened <- o
	}
	c.opening = opening{}
}

var (
	errNoSink = errors.New("no sink was made for the channel")
	errPanic  = errors.New("the code that opens the channel has panicked")
)

// open opens the channel, and tells whether it did. It is called by the connection's goroutine, which closes the connection if not.
func (c *conn) open() (ok bool) {
	l := c.l
	l.enter()
	defer l.leave()
	defer l.Recover()
	res := group.Opened{Err: errPanic}
	defer func() {
		if ok = c.flags&isOpen != 0; !ok {
			c.flags |= gone
			c.Refuse()
		}
		c.tell(res)
	}()
	c.Init(l.Loop, c.mover, nil, c.opening.options)
	if res.Err = c.refused(); res.Err != nil {
		return
	}
	res.Err = errPanic
	sink := c.opening.accept(&c.Channel)
	if sink == nil {
		res.Err = errNoSink
		return
	}
	c.Init(l.Loop, c.mover, sink, c.opening.options)
	c.index = len(l.conns)
	l.conns = append(l.conns, c)
	c.flags |= isOpen
	c.Open()
	res = group.OpenedAs(&c.Channel)
	if c.owner.Draining() {
		c.drain()
	}
	l.Turn()
	return
}

// refused tells why the channel must not be opened any more, nil if it may be.
func (c *conn) refused() error {
	switch {
	case c.l.stopping:
		return channel.ErrClosed
	case c.owner.Aborting():
		return channel.ErrShutdown
	case c.opening.allowed != nil:
		return c.opening.allowed()
	}
	return nil
}

// remove takes the connection off the loop, as the first part of Backend.Close.
func (c *conn) remove() {
	l := c.l
	last := len(l.conns) - 1
	l.conns[c.index] = l.conns[last]
	l.conns[c.index].index = c.index
	l.conns[last] = nil
	l.conns = l.conns[:last]
	c.flags |= gone
	l.calls.Control++
}

// dueLater has the keeper take input that waits.
func (c *conn) dueLater() {
	if c.flags&(listed|gone) == 0 {
		c.flags |= listed
		c.l.due = append(c.l.due, c)
	}
}

// resumed is the part of SetReading(true) that all connections share. When the connection's own goroutine has the loop it
// looks by itself.
func (c *conn) resumed() {
	if c.flags&(readable|inside) == readable {
		c.dueLater()
	}
	if c.flags&draining != 0 {
		c.later(c.drain)
	}
}

// later calls f on the loop, unless the channel is closed by then.
func (c *conn) later(f func()) {
	c.l.insist(func(err error) {
		if err == nil && c.flags&gone == 0 {
			f()
		}
	})
}

// LocalAddr implements channel.Backend.
func (c *conn) LocalAddr() net.Addr { return c.nc.LocalAddr() }

// RemoteAddr implements channel.Backend.
func (c *conn) RemoteAddr() net.Addr { return c.nc.RemoteAddr() }
