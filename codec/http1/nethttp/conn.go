package nethttp

import (
	"errors"
	"io"
	"net"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline"
)

// maxPump is how many bytes one connection sends in one turn of its loop.
const maxPump = 1 << 20

// A tunnel is the stage of a connection that was hijacked: bytes in both directions, for a goroutine.
type tunnel struct {
	pipeline.Context[pipeline.None, channel.Part]
	conn *connection
	in   *inlet
	out  *outlet
	shut bool // the connection is to be closed; of the loop
}

func newTunnel(remote channel.Remote, c *connection, window int) *tunnel {
	t := &tunnel{conn: c, in: newInlet(remote, window), out: new(outlet)}
	t.out.init(remote, c.pool, window, t)
	t.out.waiting = false // until Open
	return t
}

// Open sends what was written before.
func (t *tunnel) Open() error { return t.pump() }

// Read takes input.
func (t *tunnel) Read(b *buffer.Buf) error {
	t.Channel().Keep()
	t.in.push(t.Channel(), b)
	return nil
}

// EOF says so to who reads, who may go on writing.
func (t *tunnel) EOF() error {
	t.Channel().KeepOpen()
	t.in.finish(io.EOF)
	return nil
}

// Writable goes on sending.
func (t *tunnel) Writable() error { return t.pump() }

// Closed tells who reads and writes.
func (t *tunnel) Closed(cause error) {
	cause = lost(cause)
	t.in.finish(cause)
	t.out.drop(cause)
}

// pump sends what there is, as fast as the peer takes it. If the connection is to be closed the rest, which is a window at
// most, is queued at once: then the channel knows how long to wait for a peer that does not take it.
func (t *tunnel) pump() error {
	ch := t.Channel()
	for sent := int64(0); ch.Writable() || t.shut && !ch.Closing() && t.out.isClosed(); {
		if sent >= maxPump {
			ch.Yield()
			return nil
		}
		part, ended := t.out.take()
		switch {
		case part != nil:
			sent += part.Size()
			if err := t.Write(part); err != nil {
				return err
			}
			continue
		case ended && t.shut:
			ch.Close(nil)
		case ended:
			ch.CloseWrite()
		}
		return nil
	}
	return nil
}

// goOn is pump when there is something again.
func (t *tunnel) goOn(ch *channel.Channel, err error) {
	if ch == nil {
		refused(t.in.remote, err)
		return
	}
	if err := t.pump(); err != nil {
		ch.Close(err)
	}
}

// close ends the connection when everything was sent.
func (t *tunnel) close(ch *channel.Channel, err error) {
	t.shut = true
	t.goOn(ch, err)
}

// conn is the net.Conn over a tunnel. Its methods may be called by any goroutines.
type conn tunnel

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	if n > 0 && err == io.EOF {
		err = nil // as sockets do
	}
	return n, err
}

// Write implements net.Conn. It returns when the loop has the bytes, or there is room for them in front of it.
func (c *conn) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, c.closed(c.out.state())
	}
	n, err := passOn(c.out, nil, p)
	return n, c.closed(err)
}

func (c *conn) closed(err error) error {
	if errors.Is(err, errClosed) {
		return net.ErrClosed
	}
	return err
}

// Close implements net.Conn. What was written is sent.
func (c *conn) Close() error {
	c.in.close(net.ErrClosed)
	c.out.finish(true)
	c.in.remote.Do((*tunnel)(c).close)
	return nil
}

// CloseWrite ends the outgoing stream behind what was written.
func (c *conn) CloseWrite() error {
	err := c.closed(c.out.state())
	if err == nil {
		c.out.finish(true)
	}
	return err
}

// LocalAddr implements net.Conn.
func (c *conn) LocalAddr() net.Addr { return c.tunnelConn().local }

// RemoteAddr implements net.Conn.
func (c *conn) RemoteAddr() net.Addr { return c.tunnelConn().addr }

func (c *conn) tunnelConn() *connection { return (*tunnel)(c).conn }

// SetDeadline implements net.Conn.
func (c *conn) SetDeadline(t time.Time) error {
	c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

// SetReadDeadline implements net.Conn.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.in.setDeadline(t)
	return nil
}

// SetWriteDeadline implements net.Conn.
func (c *conn) SetWriteDeadline(t time.Time) error {
	c.out.setDeadline(t, nil)
	return nil
}
