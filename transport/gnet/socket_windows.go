package gnet

import (
	"net"

	gnetv2 "github.com/panjf2000/gnet/v2"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// capabilities of gnet on Windows.
var capabilities = engine.Capabilities{
	Networks: []string{"tcp", "tcp4", "tcp6", "unix"},
	Reset:    true,
}

// socket is nothing here: gnet has a net.Conn, which it does not give out.
type socket struct{}

// vectors is not needed here.
type vectors struct{}

func (c *conn) joined() {}

func (c *conn) closeSocket(bool) {}

func (c *conn) resetOnClose() {
	if c.gc != nil {
		c.gc.SetLinger(0)
	}
}

// CloseWrite implements channel.Backend. gnet can only close: that is done when the channel is.
func (c *conn) CloseWrite() error { return nil }

func (c *conn) socketError() error { return nil }

func (c *conn) socketHas(int) bool { return false }

// leave is called when gnet has more input than it may, or has closed the connection. Then its input is delivered all the same.
func (c *conn) leave() {
	switch {
	case c.gc == nil || c.gone():
	case c.flags&ended != 0:
		c.hold()
		c.gc = nil
	default:
		c.Fail(channel.NewOpError("read", ErrReadAhead))
	}
}

func (c *conn) comeBack() {}

func spare(net.Conn, <-chan struct{}, func(error)) {}

func (l *loop) rejoin(*conn, gnetv2.Conn) {}

// sendBytes sends the first piece of the queue. It blocks until the system has taken it.
func (c *conn) sendBytes(q *channel.Outbound) (n, all int, err error) {
	p, _ := q.First()
	n, err = c.send(p, false)
	return n, len(p), err
}

func (c *conn) send(p []byte, _ bool) (int, error) {
	if c.gc == nil {
		return 0, channel.NewOpError("write", net.ErrClosed)
	}
	l := c.loop()
	l.calls.Writes++
	n, err := c.gc.Write(p)
	l.calls.WrittenBytes += uint64(n)
	return n, channel.NewOpError("write", err)
}

func (c *conn) sendFile(f *channel.File, limit int) (n, all int, err error) {
	return c.copyFile(f, limit)
}

func (c *conn) waitForRoom() { c.goOn() }

// localAddr returns the address of our side of a connection that gnet has accepted.
func localAddr(gc gnetv2.Conn) net.Addr { return clone(gc.LocalAddr()) }
