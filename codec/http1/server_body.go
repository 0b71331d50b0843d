package http1

import (
	"fmt"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec"
)

// beginBody prepares for the body of a request whose head of n bytes lies in the rest.
func (s *server) beginBody(x *exchange, n int) error {
	x.detach(s.split(n), &x.req.Header, &x.req.Target)
	if s.conf.Limits.Body >= 0 && x.f.length > s.conf.Limits.Body {
		return refuse(413, fmt.Sprintf("body of %d bytes is larger than %d", x.f.length, s.conf.Limits.Body))
	}
	if !x.f.expect || s.rest != nil {
		s.state |= continued
	}
	if s.conf.stream {
		return s.fire(x)
	}
	return s.sendContinue()
}

// sendContinue tells a client that waits for it that its body is wanted, RFC 9110 section 10.1.1.
func (s *server) sendContinue() error {
	if s.state&continued != 0 {
		return nil
	}
	s.state |= continued
	return s.reply("HTTP/1.1 100 Continue\r\n\r\n")
}

// readBody takes what the rest has of the body. It returns false if there is no more, or it is not wanted yet.
func (s *server) readBody() (bool, error) {
	x := s.x
	if s.conf.stream && x.onBody == nil && x.stage != answered {
		s.hold()
		return false, nil
	}
	limits := s.conf.Limits
	if x.stage == answered && x.onBody == nil && (limits.Body < 0 || x.until < limits.Body) {
		limits.Body = x.until
	}
	piece, done, bad := s.body.next(s.rest, &x.req.Trailer, &limits)
	if s.rest.Len() == 0 {
		s.use(0)
	}
	if bad != nil {
		if x.stage == answered {
			return false, s.stop(bad)
		}
		return false, bad
	}
	if piece == nil && !done {
		return false, nil
	}
	switch {
	case x.onBody != nil:
		if err := s.deliver(x, piece, done); err != nil {
			return false, err
		}
		if done && s.x == x && x.stage == answered {
			return true, s.finish(x)
		}
	case x.stage == answered:
		if piece != nil {
			piece.Release()
		}
		if done {
			return true, s.finish(x)
		}
	default:
		if piece != nil {
			collect(&x.req.Body, piece)
		}
		if done {
			return true, s.fire(x)
		}
	}
	return true, nil
}

// collect adds a piece to a body.
func collect(body **buffer.Buf, piece *buffer.Buf) {
	if *body == nil {
		*body = piece
		return
	}
	codec.AddRest(*body, piece)
}

// consume implements peer: the handler wants the body.
func (s *server) consume() {
	x := s.x
	if s.body.state == bodyDone {
		if s.state&firing != 0 {
			s.check(x.onBody(x.req.TakeBody(), true))
		} else {
			s.check(s.deliver(x, x.req.TakeBody(), true))
		}
		return
	}
	s.check(s.sendContinue())
	s.proceed()
}

// check ends the connection if err is not nil: for errors that have no caller to be returned to.
func (s *server) check(err error) {
	if err != nil {
		s.Channel().Close(s.failed(err))
	}
}

// proceed has the input used that waits, soon.
func (s *server) proceed() {
	if s.state&running != 0 {
		return // it will be
	}
	switch {
	case s.state&held != 0:
		s.state &^= held
		s.Channel().Unsuspend()
	case s.rest != nil:
		s.Channel().Yield()
	}
}
