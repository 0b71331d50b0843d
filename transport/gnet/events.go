package gnet

import (
	"errors"
	"time"

	gnetv2 "github.com/panjf2000/gnet/v2"

	"github.com/ropewalk/ropewalk/channel"
)

// entry is the context of a connection that enters a loop.
type entry struct {
	conn   *conn
	accept func(*channel.Channel) channel.Sink
	opts   *channel.Options
	check  func() error           // tells why it shall not be opened after all; nil means nothing to check
	opened func(*channel.Channel) // called when it is open; may be nil
	result error                  // of opening it
}

var (
	errNoSink = errors.New("no sink was made for the channel")
	errPanic  = errors.New("the code that opens the channel has panicked")
)

// onOpen is gnet's call for a connection that is new to the loop, or comes back.
func (l *loop) onOpen(gc gnetv2.Conn) gnetv2.Action {
	switch v := gc.Context().(type) {
	case *entry:
		gc.SetContext(v.conn)
		v.conn.flags |= called
		if v.result = errPanic; l.over {
			v.result = channel.ErrClosed
			l.refused(v.conn)
			return gnetv2.Close
		}
		l.enter(v, gc)
		l.finish()
		return v.conn.answer(gc)
	case *conn:
		if l.over {
			return gnetv2.Close
		}
		v.flags |= called
		l.rejoin(v, gc)
		l.finish()
		return v.answer(gc)
	}
	return gnetv2.Close
}

// enter opens the channel of a new connection.
func (l *loop) enter(e *entry, gc gnetv2.Conn) {
	defer l.Recover()
	l.Tick()
	if e.result = l.add(e, gc); e.result == nil && e.conn.owner != nil && e.conn.owner.Draining() {
		e.conn.drain() // it had come before that began
	}
	l.Turn()
}

// add puts a connection into the loop and opens its channel, or tells why not.
func (l *loop) add(e *entry, gc gnetv2.Conn) error {
	c := e.conn
	in := false
	defer func() {
		if !in { // refused, or accept has panicked
			c.Refuse()
			l.refused(c)
		}
	}()
	c.Init(l.Loop, c, nil, e.opts)
	if l.stopping {
		return channel.ErrClosed
	}
	if e.check != nil {
		if err := e.check(); err != nil {
			return err
		}
	}
	sink := e.accept(&c.Channel)
	if sink == nil {
		return errNoSink
	}
	c.Init(l.Loop, c, sink, e.opts)
	in = true
	c.gc = gc
	c.joined()
	l.put(c)
	c.Open()
	if e.opened != nil {
		e.opened(&c.Channel)
	}
	return nil
}

// refused counts a connection off that is not opened.
func (l *loop) refused(c *conn) {
	c.flags |= closed
	l.conns.Add(-1)
	if c.owner != nil {
		c.owner.Gone()
	}
}

// onTraffic is gnet's call for input.
func (l *loop) onTraffic(c *conn, gc gnetv2.Conn) gnetv2.Action {
	if c.gc != gc {
		return gnetv2.Close
	}
	c.flags |= called
	l.traffic(c)
	l.finish()
	return c.answer(gc)
}

// onClose is gnet's call before it closes a connection.
func (l *loop) onClose(c *conn, gc gnetv2.Conn, err error) {
	if c.gc != gc {
		return // it was us
	}
	c.flags |= called
	l.lost(c, err)
	l.finish()
	if !c.gone() {
		l.keep(c)
		l.finish()
	}
	c.flags &^= called
}

// keep goes on with a connection that gnet is about to close.
func (l *loop) keep(c *conn) {
	defer l.Recover()
	c.leave()
	l.Turn()
}

// client is what gnet calls for a loop of an Engine.
type client struct {
	gnetv2.BuiltinEventEngine
	*loop // made by the first call of OnOpen
	start func(gnetv2.EventLoop) *loop
}

// OnOpen implements gnet.EventHandler.
func (h *client) OnOpen(gc gnetv2.Conn) ([]byte, gnetv2.Action) {
	if h.loop == nil {
		h.loop = h.start(gc.EventLoop())
		h.finish() // from now on calls wake it
		return nil, gnetv2.Close
	}
	return nil, h.onOpen(gc)
}

// OnTraffic implements gnet.EventHandler.
func (h *client) OnTraffic(gc gnetv2.Conn) gnetv2.Action {
	if c, ok := gc.Context().(*conn); ok {
		return h.onTraffic(c, gc)
	}
	return gnetv2.Close
}

// OnClose implements gnet.EventHandler.
func (h *client) OnClose(gc gnetv2.Conn, err error) gnetv2.Action {
	if c, ok := gc.Context().(*conn); ok {
		h.onClose(c, gc, err)
	}
	return gnetv2.None
}

// OnTick implements gnet.EventHandler. It is not called.
func (h *client) OnTick() (time.Duration, gnetv2.Action) { return time.Hour, gnetv2.None }
