package channeltest

import (
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// watch is a sink in front of the one under test that holds the channel to the rules of channel.Sink.
type watch struct {
	channel.Sink
	t      testing.TB
	name   string
	opened bool
	closed int
	cause  error
	inside string // the call that is running
}

// Unwrap returns the sink under test.
func (w *watch) Unwrap() channel.Sink { return w.Sink }

func (w *watch) enter(call string) {
	w.t.Helper()
	switch {
	case w.inside != "":
		w.t.Errorf("channeltest: %s: %s inside %s", w.name, call, w.inside)
	case w.closed > 0:
		w.t.Errorf("channeltest: %s: %s after Closed", w.name, call)
	case w.opened == (call == "Open"):
		w.t.Errorf("channeltest: %s: %s out of order: Open comes first, and once", w.name, call)
	}
	w.inside = call
}

func (w *watch) leave() { w.inside = "" }

func (w *watch) Open(ch *channel.Channel) error {
	w.enter("Open")
	defer w.leave()
	w.opened = true
	return w.Sink.Open(ch)
}

func (w *watch) Read(b *buffer.Buf) error {
	w.enter("Read")
	defer w.leave()
	return w.Sink.Read(b)
}

func (w *watch) ReadDone() error {
	w.enter("ReadDone")
	defer w.leave()
	return w.Sink.ReadDone()
}

func (w *watch) EOF() error {
	w.enter("EOF")
	defer w.leave()
	return w.Sink.EOF()
}

func (w *watch) Writable() error {
	w.enter("Writable")
	defer w.leave()
	return w.Sink.Writable()
}

func (w *watch) Closed(cause error) {
	w.enter("Closed")
	defer w.leave()
	w.closed++
	w.cause = cause
	w.Sink.Closed(cause)
}

// Drain passes on what Port.Drain asks, if the sink under test knows about it.
func (w *watch) Drain() bool {
	d, ok := w.Sink.(interface{ Drain() bool })
	return ok && d.Drain()
}

// check looks at what a connection is like at the end of its test.
func (c *Conn) check() {
	c.loop.t.Helper()
	if !c.watch.opened {
		return
	}
	if c.watch.closed != 1 {
		c.loop.t.Errorf("channeltest: %s: Closed was told %d times", c.Wire.name, c.watch.closed)
	}
	if !c.Wire.closed {
		c.loop.t.Errorf("channeltest: %s: the connection was not closed", c.Wire.name)
	}
	if left := c.Wire.Left(); len(left) > 0 && !c.loop.t.Failed() {
		c.loop.t.Errorf("channeltest: %s: steps that were not reached: %v", c.Wire.name, left)
	}
}
