package http1

import (
	"sync"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline"
)

// A Client makes the stages that speak HTTP/1.1 as clients do. One value serves any number of channels on any number of loops;
// its fields must not change after the first call of Stage. The zero value is ready to use.
//
// The stage takes *Request, in any number up to MaxPending ahead of their responses, and fires *Response in the same order.
// Informational responses (1xx, RFC 9110 section 15.2) are fired too, but for 100 to a request that waits for it. When
// the connection ends, requests without a response get none: the cause is told by Closed.
type Client struct {
	// Limits bound the responses. Line, Head, Fields, Body and Trailer apply; Body bounds what is collected, and with Stream
	// what is passed on. Head is also how large the informational responses to one request may be together.
	Limits Limits
	// Timeouts: FirstByte is how long a response may take to begin, from when it is the next one that is due; 30 s by
	// default. Head and Body are as for servers. Idle does not apply: a client closes its connections itself.
	Timeouts Timeouts
	// Stream passes a response on when its head is there; the handler gets the body by Response.OnBody, without which it is
	// dropped.
	Stream bool
	// MaxPending is how many requests may wait for a response. Zero means 128.
	MaxPending int

	once  sync.Once
	ready clientConfig
}

type clientConfig struct {
	Limits
	Timeouts
	stream  bool
	pending int
}

// continueAfter is how long a body is held back whose request has Expect: 100-continue, RFC 9110 section 10.1.1.
const continueAfter = time.Second

// Stage returns a stage for one channel: it takes *Request, and fires *Response.
func (c *Client) Stage() pipeline.Stage {
	c.once.Do(func() {
		c.ready = clientConfig{c.Limits.prepare(), c.Timeouts.prepare(), c.Stream, c.MaxPending}
		if c.ready.pending <= 0 {
			c.ready.pending = 128
		}
	})
	return &client{conf: &c.ready}
}

// client is the stage of one connection.
//
//	Write ──► waiting to be sent ──► head, body ──► wire
//	Fire  ◄── first, ..., last: sent, without a response yet
type client struct {
	pipeline.Context[*Response, channel.Part]
	input
	conf        *clientConfig
	first, last *exchange // requests without a response, in order
	unsent      *exchange // the first of them of which the head or the body was not sent
	pending     int
	body        bodyReader
	state       flags
	clock       deadline
	patience    *channel.Timer // for 100 Continue
	taken       int64          // see stalled
	received    int64          // bytes, in all
	interim     int            // bytes of informational responses to the first request
}

// Open prepares the clock.
func (c *client) Open() error {
	c.clock.start(c.Channel(), -1, c)
	return nil
}

// Write sends a request, or keeps it until those before have been sent.
func (c *client) Write(r *Request) error {
	err := r.check()
	switch {
	case c.Channel().Closing() || c.state&(over|closing) != 0:
		err = channel.ErrClosed
	case err == nil && c.pending >= c.conf.pending:
		err = ErrPending
	}
	if err != nil {
		r.release()
		return err
	}
	loop := perLoop.Of(c.Channel().Loop())
	x := loop.get()
	x.peer, x.sent, x.req.Method, x.resp.Tag, x.resp.x = c, r, r.Method, r.Tag, x
	x.after = c.received
	r.x = x
	if c.last == nil {
		c.first = x
		c.await(c.Channel().Loop().Now())
	} else {
		c.last.next = x
	}
	c.last = x
	c.pending++
	if c.unsent == nil {
		c.unsent = x
		return c.send()
	}
	return nil
}

// Read takes input.
func (c *client) Read(b *buffer.Buf) error {
	c.received += int64(b.Len())
	c.add(b)
	c.Channel().Keep()
	return c.run()
}

// Writable goes on: with input that was kept, and with a source.
func (c *client) Writable() error {
	if err := c.send(); err != nil {
		return err
	}
	if err := c.run(); err != nil {
		return err
	}
	return c.atEnd()
}

// run goes on with the input as far as it goes.
func (c *client) run() error {
	ch := c.Channel()
	c.state |= running
	defer func() { c.state &^= running }()
	for c.rest != nil && !ch.Halted() && c.state&over == 0 {
		var more bool
		var err error
		if c.state&begun == 0 {
			more, err = c.readHead()
		} else {
			more, err = c.readBody()
		}
		if err != nil {
			c.state |= over
			return err
		}
		if !more {
			break
		}
	}
	c.settle()
	return nil
}

// settle sets the clock for what is due next.
func (c *client) settle() {
	now := c.Channel().Loop().Now()
	switch {
	case c.first == nil:
		c.clock.stop()
	case c.Channel().Halted():
		c.clock.stop() // it is us who do not read
	case c.state&begun == 0 && c.rest != nil:
		c.clock.set(now, c.conf.Timeouts.Head)
	default:
		c.await(now)
	}
	c.keep(c.Channel().Cache())
}
