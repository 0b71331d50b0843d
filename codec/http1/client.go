package http1

import (
	"fmt"
	"io"
	"strconv"
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
	// what is passed on.
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

// check tells why a request cannot be sent.
func (r *Request) check() error {
	if err := r.Header.Err(); err != nil {
		return err
	}
	if err := r.Trailer.Err(); err != nil {
		return err
	}
	if !validName([]byte(r.Method)) || len(r.Method) > maxMethod {
		return &FieldError{"(method)", r.Method}
	}
	for _, ch := range r.Target {
		if chars[ch]&isTarget == 0 {
			return &FieldError{"(target)", string(r.Target)}
		}
	}
	if len(r.Target) == 0 {
		return &FieldError{"(target)", ""}
	}
	if b2i(r.Body != nil)+b2i(r.File != nil)+b2i(r.Source != nil) > 1 {
		return errBodies
	}
	return nil
}

// send sends what waits to be sent, as far as that goes now.
func (c *client) send() error {
	for x := c.unsent; x != nil; x = c.unsent {
		switch x.stage {
		case waiting:
			if err := c.head(x); err != nil {
				return err
			}
			r := x.sent
			x.stage = sending
			if r.Source != nil {
				length := max(r.Length, chunked)
				x.out = outgoing{source: r.Source, trailer: &r.Trailer, left: length, chunked: length == chunked}
				r.Source = nil
			}
			if r.Header.known&knownExpect != 0 && (r.Body != nil || r.File != nil || x.out.source != nil) {
				x.stage = patient
				if c.patience == nil {
					c.patience = c.Channel().AfterFunc(continueAfter, c.unexpected)
				} else {
					c.patience.Reset(continueAfter)
				}
				return nil
			}
		case patient:
			return nil
		case sending:
			done, err := c.sendBody(x)
			if !done {
				return err
			}
			x.stage = answered
			x.sent = nil
			c.unsent = x.next
			if x == c.first {
				c.await(c.Channel().Loop().Now())
			}
		default:
			c.unsent = x.next
		}
	}
	return nil
}

// sendBody goes on with the body of a request and tells whether it is all sent.
func (c *client) sendBody(x *exchange) (bool, error) {
	r := x.sent
	switch {
	case r.Body != nil:
		b := r.TakeBody()
		return true, c.Context.Write(b)
	case r.File != nil:
		f := r.File
		r.File = nil
		return true, c.Context.Write(f)
	case x.out.source == nil:
		return true, nil
	}
	done, again, err := x.out.pump(c.Channel(), &c.Context)
	switch {
	case err != nil:
		c.state |= over
		c.Channel().Abort(err)
	case again:
		c.Channel().Yield()
	case done:
		x.out.source.Release()
		x.out.source = nil
	}
	return done, nil
}

// unexpected sends a body although the server has not said that it wants it.
func (c *client) unexpected() {
	if x := c.unsent; x != nil && x.stage == patient {
		x.stage = sending
		c.resume()
	}
}

// head writes the head of a request.
func (c *client) head(x *exchange) error {
	r := x.sent
	size := r.Header.size() + len(r.Method) + len(r.Target) + 128
	var b *buffer.Buf
	var room []byte
	cache := c.Channel().Cache()
	if size <= buffer.MaxReply {
		room = cache.ReplyRoom(size)
	} else {
		b = cache.Alloc(size)
		room = b.Tail(size)
	}
	p := append(append(room[:0], r.Method...), ' ')
	p = append(append(p, r.Target...), " HTTP/1.1\r\n"...)
	skip := ours
	upgrade := r.Header.known&knownUpgrade != 0 && r.Header.HasToken("Connection", "upgrade")
	switch {
	case r.Header.known&knownConnection == 0:
	case upgrade:
		p = append(p, "Connection: upgrade\r\n"...)
	case r.Header.HasToken("Connection", "close"):
		c.state |= closing
		p = append(p, "Connection: close\r\n"...)
	}
	p = r.Header.appendTo(p, skip)
	length := int64(0)
	switch {
	case r.Body != nil:
		length = int64(r.Body.Len())
	case r.File != nil:
		length = r.File.Size()
	case r.Source != nil:
		length = max(r.Length, chunked)
	}
	switch {
	case length == chunked:
		p = append(p, "Transfer-Encoding: chunked\r\n"...)
	case length > 0 || r.Method == "POST" || r.Method == "PUT" || r.Method == "PATCH": // RFC 9110 section 8.6
		p = append(strconv.AppendInt(append(p, "Content-Length: "...), length, 10), "\r\n"...)
	}
	p = append(p, "\r\n"...)
	if len(p) > len(room) {
		panic("http1: head is larger than was thought") // it was appended elsewhere
	}
	if b == nil {
		b = cache.Replied(len(p))
	} else {
		b.Commit(len(p))
	}
	return c.Context.Write(b)
}

// Read takes input.
func (c *client) Read(b *buffer.Buf) error {
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

// EOF ends a body that has no other end.
func (c *client) EOF() error {
	c.state |= ended
	if err := c.run(); err != nil {
		return err
	}
	if c.Channel().Halted() && (c.rest != nil || c.body.state != bodyDone) {
		c.Channel().KeepOpen() // what was received is still to be delivered
		return nil
	}
	return c.atEnd()
}

// atEnd closes a connection whose server has ended its stream.
func (c *client) atEnd() error {
	ch := c.Channel()
	if c.state&ended == 0 || ch.Closing() || ch.Halted() {
		return nil
	}
	if x := c.first; x != nil {
		if c.state&begun != 0 && c.body.state == bodyRest && c.rest == nil {
			c.body.state = bodyDone
			return c.bodyEnded(x, nil)
		}
		return c.unanswered()
	}
	ch.Close(nil)
	return nil
}

// unanswered is the cause of a connection that ends now: not nil if responses are due.
func (c *client) unanswered() error {
	if c.pending == 0 {
		return nil
	}
	return fmt.Errorf("http1: connection ended and %d responses did not come: %w", c.pending, io.ErrUnexpectedEOF)
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

// readHead reads the head of the next response. It returns false if more is needed.
func (c *client) readHead() (bool, error) {
	x := c.first
	if x == nil {
		return false, ErrUnexpected
	}
	p := c.rest.First()
	if !c.worth(p, c.conf.Limits.Head) {
		return c.more(p, c.conf.Limits.Head), nil
	}
	n, bad := parseResponse(&x.resp, p, &c.conf.Limits)
	c.value = x.resp.Header.inside
	if bad == nil && n == 0 {
		return c.more(p, c.conf.Limits.Head), nil
	}
	c.scanned, c.value = 0, false
	if bad == nil {
		x.f, bad = checkResponse(&x.resp, x.req.Method)
	}
	if bad != nil {
		return false, bad
	}
	switch s := x.resp.Status; {
	case s == 100 && x.stage == patient:
		c.use(n)
		x.stage = sending
		return true, c.send()
	case s < 200 && s != 101:
		err := c.Fire(&x.resp)
		c.use(n)
		return true, err
	case s == 101 || x.req.Method == "CONNECT" && s < 300:
		x.tunnel = true
	}
	if x.sent != nil { // the rest of the request is not wanted
		x.f.close = true
	}
	x.stage = answered
	x.resp.Length = x.f.length
	c.body.begin(x.f.length)
	c.state |= begun
	if c.body.state == bodyDone {
		err := c.Fire(&x.resp)
		if err != nil {
			return false, err
		}
		c.use(n)
		return true, c.finish(x)
	}
	if c.conf.Limits.Body >= 0 && x.f.length > c.conf.Limits.Body {
		return false, refuse(0, fmt.Sprintf("body of %d bytes is larger than %d", x.f.length, c.conf.Limits.Body))
	}
	x.detach(c.split(n), &x.resp.Header, &x.resp.Reason)
	if c.conf.stream {
		if err := c.Fire(&x.resp); err != nil {
			return false, err
		}
	}
	return true, nil
}

// readBody takes what the rest has of the body. It returns false if there is no more.
func (c *client) readBody() (bool, error) {
	x := c.first
	piece, done, bad := c.body.next(c.rest, &x.resp.Trailer, &c.conf.Limits)
	if c.rest.Len() == 0 {
		c.use(0)
	}
	switch {
	case bad != nil:
		return false, bad //bufvet:ignore with an error there is no piece
	case done:
		return true, c.bodyEnded(x, piece)
	case piece == nil:
		return false, nil
	case x.onBody != nil:
		return true, x.onBody(piece, false)
	case c.conf.stream:
		piece.Release()
	default:
		collect(&x.resp.Body, piece)
	}
	return true, nil
}

// bodyEnded takes the last piece of a body, which may be nil.
func (c *client) bodyEnded(x *exchange, piece *buffer.Buf) error {
	switch {
	case x.onBody != nil:
		x.told = true
		if err := x.onBody(piece, true); err != nil {
			return err
		}
	case c.conf.stream:
		if piece != nil {
			piece.Release()
		}
	default:
		if piece != nil {
			collect(&x.resp.Body, piece)
		}
		if err := c.Fire(&x.resp); err != nil {
			return err
		}
	}
	return c.finish(x)
}

// finish ends the first exchange.
func (c *client) finish(x *exchange) error {
	if c.unsent == x {
		c.unsent = nil // the connection closes
	}
	if c.first = x.next; c.first == nil {
		c.last = nil
	}
	c.pending--
	c.state &^= begun
	tunnel, last := x.tunnel, x.f.close || c.state&closing != 0 && c.first == nil
	x.next = nil
	if x.sent != nil {
		x.sent.release()
	}
	x.release()
	perLoop.Of(c.Channel().Loop()).put(x)
	if !tunnel && !last {
		return nil
	}
	c.state |= over
	if c.state&handed == 0 {
		c.Channel().Close(c.unanswered())
	}
	return nil
}

// settle sets the clock for what is due next.
func (c *client) settle() {
	now := c.Channel().Loop().Now()
	switch {
	case c.first == nil:
		c.clock.stop()
	case c.state&begun != 0:
		c.clock.set(now, c.conf.Timeouts.Body)
	case c.rest != nil:
		c.clock.set(now, c.conf.Timeouts.Head)
	default:
		c.await(now)
	}
	c.keep(c.Channel().Cache())
}

// await sets the clock for the response that is due next, or for the request if that is not out yet.
func (c *client) await(now time.Duration) {
	if c.first.sent != nil {
		c.clock.set(now, c.conf.Send)
	} else {
		c.clock.set(now, c.conf.FirstByte)
	}
}

// stalled tells whether the server has taken nothing of the request since the last time, although there is something.
func (c *client) stalled() bool {
	unsent := c.Channel().Unsent()
	taken := c.first.out.given - unsent
	was := c.taken
	c.taken = taken
	return unsent > 0 && taken == was
}

// Expired closes a connection whose server takes too long.
func (c *client) Expired() {
	if !c.clock.passed(c.Channel().Loop().Now()) {
		return
	}
	what := "response does not come"
	switch {
	case c.state&begun != 0:
		what = "body of a response does not come"
	case c.first != nil && c.first.sent != nil:
		if !c.stalled() {
			c.await(c.Channel().Loop().Now())
			return
		}
		what = "server does not take the request"
	}
	c.state |= over
	c.Channel().Close(fmt.Errorf("http1: %s: %w", what, ErrTimeout))
}

// resume implements peer.
func (c *client) resume() {
	if err := c.send(); err != nil {
		c.Channel().Close(err)
	}
}

// consume implements peer: pieces come to the function that was set from now on. If there are no more, it is told so.
func (c *client) consume() {
	x := c.first
	if x == nil || c.state&begun == 0 || c.body.state != bodyDone || x.told {
		return
	}
	x.told = true
	if err := x.onBody(x.resp.TakeBody(), true); err != nil {
		c.Channel().Close(err)
	}
}

// upgrade implements peer.
func (c *client) upgrade(x *exchange, _ *Response, with []pipeline.Stage) error {
	if !x.tunnel || c.first != x {
		return fmt.Errorf("%w: the server has not agreed", ErrUpgrade)
	}
	if err := c.Replace(with...); err != nil {
		return err
	}
	c.state |= handed | over
	return nil
}

// Leftover gives the input that was not used to the stages that replace this one.
func (c *client) Leftover() *buffer.Buf { return c.leftover() }

// Closed releases what the connection has.
func (c *client) Closed(error) {
	c.clock.end()
	if c.patience != nil {
		c.patience.Stop()
	}
	c.drop()
	for x := c.first; x != nil; x = x.next {
		if x.sent != nil {
			x.sent.release()
		}
		x.release()
	}
	c.first, c.last, c.unsent = nil, nil, nil
}
