package http1

import (
	"fmt"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/pipeline"
)

// readHead reads the head of the next response. It returns false if more is needed.
func (c *client) readHead() (bool, error) {
	x := c.first
	if x == nil || c.received-int64(c.rest.Len()) < x.after {
		return false, ErrUnexpected
	}
	p := c.rest.First()
	if !c.worth(p, c.conf.Limits.Head) {
		return c.more(p, c.conf.Limits.Head), nil
	}
	n, bad := parseResponse(&x.resp, p, &c.conf.Limits)
	c.inside = x.resp.Header.inside
	if bad == nil && n == 0 {
		return c.more(p, c.conf.Limits.Head), nil
	}
	c.scanned, c.inside = 0, 0
	if bad == nil {
		x.f, bad = checkResponse(&x.resp, x.req.Method)
	}
	if bad != nil {
		return false, bad
	}
	s := x.resp.Status
	if s < 200 && s != 101 {
		if c.interim += n; c.interim > c.conf.Limits.Head {
			return false, tooLong(0, c.conf.Limits.Head, "too many informational responses")
		}
	}
	switch {
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
	c.interim = 0
	// A server that agrees may use the rest of the request, and have more to say when it has it: then both bodies go on. Else
	// the rest is not wanted.
	both := x.sent != nil && x.stage == sending && s >= 200 && s < 300 && !x.tunnel && !x.f.close && x.f.length != 0
	if x.sent != nil && !both {
		x.f.close = true
	}
	if x.f.close { // nothing is sent any more: RFC 9112 section 9.6, and behind half a request it would be taken for its body
		c.state |= closing
		c.unsent = nil
	}
	if !both {
		x.stage = answered
	}
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
	if x.sent != nil { // nobody needs the rest of it
		x.f.close = true
		c.state |= closing
		c.unsent = nil
	}
	if c.first = x.next; c.first == nil {
		c.last = nil
	}
	c.pending--
	c.state &^= begun
	tunnel, last := x.tunnel, x.f.close || c.state&closing != 0 && (c.first == nil || c.first.stage == waiting)
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
