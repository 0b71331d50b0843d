package http1

import (
	"github.com/ropewalk/ropewalk/buffer"
)

// readHead reads the head of the next request. It returns false if more is needed.
func (s *server) readHead() (bool, error) {
	p := s.rest.First()
	if n := blankLines(p); n > 0 { // RFC 9112 section 2.2
		if s.blank += uint8(n); s.blank > maxBlank {
			return false, bad(0, "empty lines instead of a request")
		}
		s.use(n)
		return true, nil
	}
	if len(p) == 1 && p[0] == '\r' {
		return s.more(p, s.conf.Limits.Head), nil
	}
	if !s.worth(p, s.conf.Limits.Head) {
		return s.more(p, s.conf.Limits.Head), nil
	}
	loop := perLoop.Of(s.Channel().Loop())
	x := loop.get()
	n, bad := parseRequest(&x.req, p, &s.conf.Limits)
	s.inside = x.req.Header.inside
	if bad == nil && n == 0 {
		loop.put(x)
		return s.more(p, s.conf.Limits.Head), nil
	}
	s.scanned, s.inside, s.blank = 0, 0, 0
	if bad == nil {
		x.f, bad = checkRequest(&x.req)
	}
	if bad != nil {
		loop.put(x)
		return false, bad
	}
	x.peer, x.req.x = s, x
	s.x = x
	s.state &^= begun | continued | closing
	if x.f.close {
		s.state |= closing
	}
	s.body.begin(x.f.length)
	if s.body.state == bodyDone {
		return true, s.fireInPlace(x, n)
	}
	return true, s.beginBody(x, n)
}

// maxBlank is how many bytes of empty lines may stand in front of a request.
const maxBlank = 8

// blankLines returns how many bytes of empty lines p begins with, and not many more than are allowed.
func blankLines(p []byte) int {
	i := 0
	for i <= maxBlank && i+1 < len(p) && p[i] == '\r' && p[i+1] == '\n' {
		i += 2
	}
	return i
}

// fireInPlace passes on a request without a body, whose head of n bytes lies in the rest. Usually it is answered when the
// handler returns.
func (s *server) fireInPlace(x *exchange, n int) error {
	if err := s.fire(x); err != nil {
		return err
	}
	if s.x == x {
		x.detach(s.split(n), &x.req.Header, &x.req.Target)
		return nil
	}
	s.use(n)
	return nil
}

// fire calls the handler.
func (s *server) fire(x *exchange) error { return s.call(x, s.Fire(s.enter(x))) }

// deliver passes on a piece of the body.
func (s *server) deliver(x *exchange, piece *buffer.Buf, end bool) error {
	s.enter(x)
	return s.call(x, x.onBody(piece, end))
}

// enter and call are around calls of the handler: what it answers to may be looked at until it returns.
func (s *server) enter(x *exchange) *Request {
	s.state |= firing
	return &x.req
}

func (s *server) call(x *exchange, err error) error {
	s.state &^= firing
	if s.x != x { // it is done
		s.recycle(x)
		if err != nil {
			s.state |= silent
		}
	}
	return err
}

// recycle ends the use of an exchange that was answered.
func (s *server) recycle(x *exchange) {
	x.release()
	perLoop.Of(s.Channel().Loop()).put(x)
}
