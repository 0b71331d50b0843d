package http1

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/pipeline"
)

// Write sends a response to the present request.
func (s *server) Write(resp *Response) error {
	x := s.x
	err := resp.check()
	switch {
	case s.Channel().Closing():
		err = channel.ErrClosed
	case x == nil || x.stage != waiting:
		err = ErrAnswered
	case err != nil:
	case resp.Status < 200:
		if resp.Status == 101 {
			err = fmt.Errorf("%w: 101 is written by Request.Upgrade", ErrUpgrade)
			break
		}
		resp.release()
		if x.f.old { // RFC 9110 section 15.2
			return nil
		}
		return s.head(x, resp, 0, false)
	case x.f.connect && resp.Status < 300:
		err = fmt.Errorf("%w: CONNECT is granted by Request.Upgrade", ErrUpgrade)
	default:
		return s.answer(x, resp)
	}
	resp.release()
	return err
}

// check tells why a response cannot be sent.
func (r *Response) check() error {
	if err := r.Header.Err(); err != nil {
		return err
	}
	if err := r.Trailer.Err(); err != nil {
		return err
	}
	if r.Status < 100 || r.Status > 599 {
		return fmt.Errorf("http1: status %d is none", r.Status)
	}
	if !validValue(r.Reason) {
		return &FieldError{"(reason)", string(r.Reason)}
	}
	if b2i(r.Body != nil)+b2i(r.File != nil)+b2i(r.Source != nil)+b2i(r.text != "") > 1 {
		return errBodies
	}
	return nil
}

var errBodies = errors.New("http1: more than one of Body, File and Source")

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// answer sends a final response, or begins to.
func (s *server) answer(x *exchange, resp *Response) error {
	x.onlyHead = x.f.head || resp.Status == 204 || resp.Status == 304
	length := resp.length()
	if length < 0 && x.f.old { // to HTTP/1.0 no transfer coding may be sent, RFC 9112 section 6.1
		length = untilEnd
	}
	if resp.Close || length == untilEnd && !x.onlyHead || s.state&ended != 0 && s.rest == nil ||
		resp.Header.known&knownConnection != 0 && resp.Header.HasToken("Connection", "close") || s.unwanted(x) ||
		x.f.connect { // what follows may be meant for the tunnel that there is not: RFC 9931 section 8
		s.state |= closing
	}
	if err := s.head(x, resp, length, resp.text != "" && !x.onlyHead); err != nil {
		resp.release()
		return err
	}
	switch {
	case x.onlyHead:
		resp.release()
	case resp.Body != nil:
		b := resp.Body
		resp.Body = nil
		if err := s.Context.Write(b); err != nil {
			return s.broken(err)
		}
	case resp.File != nil:
		f := resp.File
		resp.File = nil
		if err := s.Context.Write(f); err != nil {
			return s.broken(err)
		}
	case resp.Source != nil:
		x.stage = sending
		x.out = outgoing{source: resp.Source, trailer: &resp.Trailer, left: length, chunked: length == chunked}
		resp.Source = nil
		return s.pump()
	}
	return s.answered(x)
}

// length returns how long the body is: bytes, or -1 if that is not known.
func (r *Response) length() int64 {
	if r.text != "" {
		return int64(len(r.text))
	}
	return bodyLength(r.Body, r.File, r.Source, r.Length)
}

// unwanted tells whether more is left of the request's body than is worth reading only to keep the connection.
func (s *server) unwanted(x *exchange) bool {
	switch {
	case s.body.state == bodyDone || x.onBody != nil:
		return false
	case s.state&continued == 0: // it may never come
		return true
	case x.f.length >= 0:
		return s.body.left > s.conf.Discard
	}
	return s.conf.Discard < 0
}

// head writes the head of a response, and its text.
func (s *server) head(x *exchange, resp *Response, length int64, text bool) error {
	l := s.Channel().Loop()
	h := &resp.Header
	size := h.size() + len(resp.Reason) + len(s.conf.name) + 256
	if text {
		size += len(resp.text)
	}
	d := newDraft(l.Cache(), size)
	p := d.room[:0]
	if len(resp.Reason) == 0 {
		p = append(p, statusLines[resp.Status-100]...)
	} else {
		p = append(strconv.AppendInt(append(p, "HTTP/1.1 "...), int64(resp.Status), 10), ' ')
		p = append(append(p, resp.Reason...), "\r\n"...)
	}
	if resp.Status >= 200 {
		if h.known&knownDate == 0 {
			p = append(p, perLoop.Of(l).dateLine(l)...)
		}
		if h.known&knownServer == 0 {
			p = append(p, s.conf.name...)
		}
	}
	skip := ours
	switch {
	case resp.Status == 101:
		skip &^= knownConnection
	case resp.Status < 200:
	case s.state&closing != 0:
		p = append(p, "Connection: close\r\n"...)
	case x.f.old:
		p = append(p, "Connection: keep-alive\r\n"...)
	}
	if h.known&knownUpgrade != 0 && resp.Status != 101 { // RFC 9110 section 7.8
		p = append(p, "Connection: upgrade\r\n"...)
	}
	p = h.appendTo(p, skip)
	switch {
	case resp.Status < 200 || resp.Status == 204 || resp.Status == 304 || x.tunnel:
	case length == chunked:
		p = append(p, "Transfer-Encoding: chunked\r\n"...)
	case length >= 0:
		p = append(strconv.AppendInt(append(p, "Content-Length: "...), length, 10), "\r\n"...)
	}
	p = append(p, "\r\n"...)
	if text {
		p = append(p, resp.text...)
	}
	b := d.done(p)
	if resp.Body != nil && resp.Body.Len() > largeBody && !x.onlyHead && resp.Status >= 200 {
		b.Append(resp.Body)
		resp.Body = nil
	}
	return s.Context.Write(b)
}

// largeBody is from which size on a body is written together with its head: a single write to an empty queue may be larger
// than the queue's limit.
const largeBody = 1 << 20

// pump goes on with the source of the present response.
func (s *server) pump() error {
	x := s.x
	if x == nil || x.stage != sending {
		return nil
	}
	ch := s.Channel()
	done, again, err := x.out.pump(ch, &s.Context)
	switch {
	case err != nil:
		s.broken(err)
	case again:
		ch.Yield()
	case done:
		x.out.source.Release()
		x.out.source = nil
		return s.answered(x)
	}
	return nil
}

// broken ends a connection on which a body cannot be sent that was announced.
func (s *server) broken(err error) error {
	s.state |= over | silent
	s.drop()
	s.Channel().Abort(err)
	return err
}

// resume implements peer.
func (s *server) resume() { s.check(s.pump()) }

// answered goes on when the response is out.
func (s *server) answered(x *exchange) error {
	x.stage = answered
	x.until = s.body.total + s.conf.Discard
	switch {
	case s.body.state == bodyDone:
		return s.finish(x)
	case x.onBody == nil && s.state&closing != 0:
		return s.stop(nil)
	}
	s.proceed()
	return nil
}

// finish ends an exchange of which both messages are done.
func (s *server) finish(x *exchange) error {
	s.x = nil
	x.peer = nil
	if s.state&firing == 0 {
		s.recycle(x)
	}
	if s.state&closing != 0 {
		return s.stop(nil)
	}
	if s.state&running != 0 {
		return nil
	}
	s.settle()
	s.proceed()
	if s.rest == nil {
		return s.atEnd()
	}
	return nil
}

// upgrade implements peer.
func (s *server) upgrade(x *exchange, resp *Response, with []pipeline.Stage) error {
	tunnel := x.f.connect && resp.Status >= 200 && resp.Status < 300
	err := resp.check()
	switch {
	case err != nil:
	case s.Channel().Closing():
		err = channel.ErrClosed
	case s.x != x || x.stage != waiting:
		err = ErrAnswered
	case s.body.state != bodyDone:
		err = fmt.Errorf("%w: its body has not been read", ErrUpgrade)
	case resp.Status != 101 && !tunnel:
		err = fmt.Errorf("%w by a status of %d", ErrUpgrade, resp.Status)
	case s.state&running != 0:
		err = s.Replace(with...) // when the channel's present call has returned
	default:
		err = pipeline.Check(with...)
	}
	resp.release()
	if err != nil {
		return err
	}
	x.tunnel = true
	s.state &^= closing
	if err := s.head(x, resp, 0, false); err != nil {
		return s.broken(err)
	}
	s.state |= over
	s.x, x.peer = nil, nil
	if s.state&firing == 0 {
		s.recycle(x)
	}
	if s.state&running == 0 {
		if err := s.Replace(with...); err != nil { // at once
			s.Channel().Close(err)
		}
	}
	return nil
}
