package gnet

import (
	"errors"
	"net"
	"time"

	gnetv2 "github.com/panjf2000/gnet/v2"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// conn is a connection: a channel and its backend.
//
//	with gnet ──► apart, because it does not read, or its peer has ended ──► gone
//	     ▲            │
//	     └────────────┘ it reads again
type conn struct {
	channel.Port
	socket              // what the system knows
	gc     gnetv2.Conn  // nil while it is apart from gnet
	owner  *group.Owner // nil if gnet has accepted it for a Handler
	held   []byte       // input that was taken from gnet, and comes before what gnet has
	local  net.Addr
	remote net.Addr
	index  int // in loop.all
	flags  flag
	joins  uint16 // how often it has begun to join gnet again
}

// loop returns the event loop that the connection is on.
func (c *conn) loop() *loop { return c.Loop().Engine.(*loop) }

type flag uint16

const (
	isTCP    flag = 1 << iota
	called        // gnet has called us for it, and learns by the answer what becomes of the connection
	listed        // in loop.resumed
	unsent        // in loop.ready
	waiting       // until the socket has room
	joining       // on its way back to gnet
	ended         // the peer's stream has ended after what is there
	closed        // the channel has closed it
	draining      // to be closed when all input is delivered
	heard         // while draining, input has come since the last look
	looking       // while draining, a look is due
)

var (
	_ channel.Backend  = (*conn)(nil)
	_ channel.Informer = (*conn)(nil)
)

// gone tells whether the channel has closed the connection.
func (c *conn) gone() bool { return c.flags&closed != 0 }

// SetReading implements channel.Backend. gnet goes on reading; see deliver.
func (c *conn) SetReading(on bool) {
	if on && c.flags&(listed|joining) == 0 && (c.gc == nil || c.buffered() > 0 || c.flags&(draining|ended) != 0) {
		c.flags |= listed
		l := c.loop()
		l.resumed = append(l.resumed, c)
	}
}

// buffered returns how much input is in our hands, or gnet's.
func (c *conn) buffered() int {
	n := len(c.held)
	if c.gc != nil {
		n += c.gc.InboundBuffered()
	}
	return n
}

// HasInput implements channel.Backend.
func (c *conn) HasInput(n int) bool {
	have := c.buffered()
	return have >= n || c.flags&ended != 0 || c.socketHas(n-have)
}

// Close implements channel.Backend.
func (c *conn) Close(abort bool) {
	l := c.loop()
	l.remove(c)
	l.conns.Add(-1)
	l.calls.Control++
	c.flags |= closed
	if abort && c.flags&isTCP != 0 {
		c.resetOnClose()
	}
	gc := c.gc
	c.gc, c.held = nil, nil
	c.closeSocket(gc == nil)
	if gc != nil && c.flags&called == 0 {
		gc.EventLoop().Close(gc) // else gnet closes it when we return
	}
	if c.owner != nil {
		c.owner.Gone()
	}
}

// LocalAddr implements channel.Backend.
func (c *conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements channel.Backend.
func (c *conn) RemoteAddr() net.Addr { return c.remote }

// TellTCPInfo implements channel.Informer. This engine does not tell.
func (c *conn) TellTCPInfo(*channel.TCPInfo) error { return errors.ErrUnsupported }

// PassesDescriptors implements channel.Informer. gnet receives bytes only.
func (c *conn) PassesDescriptors() bool { return false }

// after calls f once, after d, unless the channel is gone by then.
func (c *conn) after(d time.Duration, f func()) {
	var t *channel.Timer
	t = c.AfterFunc(d, func() {
		t.Stop() // or it would count among the channel's timers for ever
		f()
	})
}
