package http1

import (
	"strconv"
)

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
			if c.state&closing != 0 { // a request with Connection: close was the last
				return nil
			}
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
	d := newDraft(c.Channel().Cache(), size)
	p := append(append(d.room[:0], r.Method...), ' ')
	p = append(append(p, r.Target...), " HTTP/1.1\r\n"...)
	upgrade := r.Header.known&knownUpgrade != 0 && r.Header.HasToken("Connection", "upgrade")
	switch {
	case r.Header.known&knownConnection == 0:
	case upgrade:
		p = append(p, "Connection: upgrade\r\n"...)
	case r.Header.HasToken("Connection", "close"):
		c.state |= closing
		p = append(p, "Connection: close\r\n"...)
	}
	p = r.Header.appendTo(p, ours)
	length := bodyLength(r.Body, r.File, r.Source, r.Length)
	switch {
	case length == chunked:
		p = append(p, "Transfer-Encoding: chunked\r\n"...)
	case length > 0 || r.Method == "POST" || r.Method == "PUT" || r.Method == "PATCH": // RFC 9110 section 8.6
		p = append(strconv.AppendInt(append(p, "Content-Length: "...), length, 10), "\r\n"...)
	}
	p = append(p, "\r\n"...)
	return c.Context.Write(d.done(p))
}

// resume implements peer.
func (c *client) resume() {
	if err := c.send(); err != nil {
		c.Channel().Close(err)
	}
}
