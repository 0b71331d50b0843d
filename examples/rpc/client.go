package main

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/ropewalk/ropewalk/pipeline"
)

// A caller is the last stage of a client's connection: it keeps a number of calls in flight until it has made its share,
// then closes the channel. It runs on the channel's loop, so it needs no locks.
type caller struct {
	pipeline.Ctx[message]
	op       uint8
	calls    int    // to make
	inflight int    // at a time
	want     []byte // the body of every reply

	sent, got int
	started   []time.Time // by id, modulo inflight
	took      histogram
	done      atomic.Int64 // got, for other goroutines, now and then
	ended     chan<- error
}

// Open makes the first calls.
func (c *caller) Open() error {
	c.started = make([]time.Time, c.inflight)
	for c.sent < min(c.inflight, c.calls) {
		m := message{op: c.op, body: c.Alloc(len(c.want))}
		m.body.Write(c.want)
		if err := c.call(m); err != nil {
			return err
		}
	}
	return nil
}

func (c *caller) call(m message) error {
	m.id = uint64(c.sent)
	c.started[c.sent%c.inflight] = time.Now()
	c.sent++
	return c.Write(m)
}

// Read takes a reply, and sends its body back as the next request.
func (c *caller) Read(m message) error {
	if m.id != uint64(c.got) || !m.body.EqualBytes(c.want) {
		m.body.Release()
		return fmt.Errorf("rpc: wrong reply: call %d, expected %d with the body that was sent", m.id, c.got)
	}
	c.took.add(time.Since(c.started[c.got%c.inflight]))
	if c.got++; c.got%256 == 0 {
		c.done.Store(int64(c.got))
	}
	if c.sent < c.calls {
		m.op = c.op
		return c.call(m)
	}
	m.body.Release()
	if c.got == c.calls {
		c.done.Store(int64(c.got))
		c.Channel().Close(nil)
	}
	return nil
}

// Closed tells the program.
func (c *caller) Closed(cause error) {
	if cause == nil && c.got < c.calls {
		cause = fmt.Errorf("rpc: the server closed the connection after %d of %d calls", c.got, c.calls)
	}
	c.ended <- cause
}
