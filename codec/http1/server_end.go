package http1

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/ropewalk/ropewalk/buffer"
)

// EOF answers what had been received before.
func (s *server) EOF() error {
	s.state |= ended
	if s.x != nil {
		s.Channel().KeepOpen()
	}
	if err := s.run(); err != nil {
		return err
	}
	if s.Channel().Halted() && s.rest != nil { // requests wait for room for their answers
		s.Channel().KeepOpen()
		return nil
	}
	return s.atEnd()
}

// atEnd closes a connection whose peer has ended its stream, when nothing is left to answer.
func (s *server) atEnd() error {
	ch := s.Channel()
	if s.state&ended == 0 || ch.Closing() || ch.Halted() && s.state&held == 0 {
		return nil
	}
	switch {
	case s.x != nil && s.body.state != bodyDone:
		return s.failed(fmt.Errorf("%w: %w", refuse(400, "stream ended in a body"), io.ErrUnexpectedEOF))
	case s.x != nil:
		ch.KeepOpen()
	case s.rest != nil:
		return s.failed(fmt.Errorf("%w: %w", refuse(400, "stream ended in a head"), io.ErrUnexpectedEOF))
	default:
		ch.Close(nil)
	}
	return nil
}

// failed answers a bad request, or one whose handler has failed, and returns why the connection closes.
func (s *server) failed(err error) error {
	s.state |= over
	status := 500
	var why *Error
	if errors.As(err, &why) && why.Status >= 400 && why.Status < 600 {
		status = why.Status
	}
	if s.x != nil && s.x.stage != waiting || s.state&silent != 0 || s.Channel().Closing() {
		return err
	}
	text := StatusText(status)
	if why != nil && status < 500 {
		text = why.What
	}
	l := s.Channel().Loop()
	answer := fmt.Sprintf("%s%s%sContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: %d\r\n\r\n",
		statusLines[status-100], perLoop.Of(l).dateLine(l), s.conf.name, len(text)+1)
	if !s.onlyHead() {
		answer += text + "\n"
	}
	s.drop()
	if werr := s.reply(answer); werr != nil {
		return errors.Join(err, werr)
	}
	return err
}

// onlyHead tells whether the request that is being refused is HEAD: its answer has no body, RFC 9112 section 6.3, rule 1.
func (s *server) onlyHead() bool {
	if s.x != nil {
		return s.x.f.head
	}
	return s.rest != nil && bytes.HasPrefix(s.rest.First(), []byte("HEAD "))
}

// drop lets go of the present exchange. Its objects are not used again: a handler may still have them.
func (s *server) drop() {
	if s.x != nil {
		s.x.release()
		s.x = nil
	}
}

// reply writes a short text.
func (s *server) reply(text string) error {
	d := newDraft(s.Channel().Cache(), len(text))
	return s.Context.Write(d.done(append(d.room[:0], text...)))
}

// Expired closes a connection whose peer takes too long.
func (s *server) Expired() {
	if !s.clock.passed(s.Channel().Loop().Now()) {
		return
	}
	var err error
	switch {
	case s.x != nil && s.x.stage == sending:
		if !s.stalled() {
			s.clock.set(s.Channel().Loop().Now(), s.conf.Timeouts.Send)
			return
		}
		err = fmt.Errorf("http1: peer does not take the response: %w", ErrTimeout)
		s.drop()
	case s.x != nil && s.body.state != bodyDone:
		err = s.failed(fmt.Errorf("%w: %w", refuse(408, "body does not come"), ErrTimeout))
	case s.x != nil:
		return
	case s.rest != nil && s.state&begun != 0:
		err = s.failed(fmt.Errorf("%w: %w", refuse(408, "head does not come"), ErrTimeout))
	case (s.Channel().Unsent() > 0 || s.rest != nil) && !s.stalled():
		s.clock.set(s.Channel().Loop().Now(), s.conf.Timeouts.Send)
		return
	}
	s.state |= over
	s.Channel().Close(err)
}

// stalled tells whether the peer has taken nothing of what is there for it since the last time.
func (s *server) stalled() bool {
	unsent := s.Channel().Unsent()
	sent := -unsent
	if s.x != nil {
		sent += s.x.out.given
	}
	was := s.sent
	s.sent = sent
	return unsent > 0 && sent == was
}

// stop ends the connection after what has been answered.
func (s *server) stop(cause error) error {
	s.state |= over
	s.drop()
	s.Channel().Close(cause)
	return nil
}

// Drain lets a response that is under way end.
func (s *server) Drain() bool {
	s.state |= closing
	return s.x != nil
}

// Leftover gives the input that was not used to the stages that replace this one.
func (s *server) Leftover() *buffer.Buf { return s.leftover() }

// Closed releases what the connection has.
func (s *server) Closed(error) {
	s.clock.end()
	s.input.drop()
	s.drop()
}
