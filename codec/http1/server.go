package http1

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
)

// A Server makes the stages that speak HTTP/1.1 as servers do. One value serves any number of channels on any number of
// loops; its fields must not change after the first call of Stage. The zero value is ready to use.
type Server struct {
	// Limits and Timeouts bound what clients may send, and how long they may take.
	Limits   Limits
	Timeouts Timeouts
	// Stream passes a request on when its head is there. The handler gets the body piece by piece, by Request.OnBody. By
	// default a request is passed on when its body was collected in Request.Body.
	Stream bool
	// Name is sent as the field Server. Empty means none.
	Name string

	once  sync.Once
	ready serverConfig
}

// serverConfig is a Server with its defaults filled in.
type serverConfig struct {
	Limits
	Timeouts
	stream bool
	name   string // the whole line
}

// Stage returns a stage for one channel: it fires *Request, and takes *Response. It panics if Name cannot be sent.
func (s *Server) Stage() pipeline.Stage {
	s.once.Do(func() {
		s.ready = serverConfig{Limits: s.Limits.prepare(), Timeouts: s.Timeouts.prepare(), stream: s.Stream}
		if s.Name != "" {
			if !validValue([]byte(s.Name)) {
				panic("http1: Server.Name has bytes that a field cannot have")
			}
			s.ready.name = "Server: " + s.Name + "\r\n"
		}
	})
	return &server{conf: &s.ready}
}

// server is the stage of one connection.
//
//	rest ──parse──► x.req ──Fire──► handler          x is nil between two requests
//	     ──body───► collected, or x.onBody
//	wire ◄─────────── reply block ◄── x.resp ◄─ Write
type server struct {
	pipeline.Context[*Request, channel.Part]
	input
	conf  *serverConfig
	x     *exchange
	body  bodyReader
	blank uint8 // bytes of empty lines in front of the next request
	state flags
	clock deadline
	sent  int64 // see stalled
}

type flags uint16

const (
	running   flags = 1 << iota // the input is being used
	firing                      // the handler is being called with the request
	held                        // the channel is suspended, because it has input that is not wanted yet
	ended                       // the peer has ended its stream
	closing                     // the connection closes with the present response
	begun                       // server: the clock of a head is running; client: the head of the present response was read
	continued                   // 100 Continue was sent, or need not be
	over                        // no more requests are read
	silent                      // nothing more is answered
	handed                      // the connection goes to other stages
)

// Open starts the clock.
func (s *server) Open() error {
	s.clock.start(s.Channel(), s.conf.FirstByte, s)
	return nil
}

// Read takes input.
func (s *server) Read(b *buffer.Buf) error {
	s.add(b)
	s.Channel().Keep()
	return s.run()
}

// Writable goes on: with input that was kept, and with a source.
func (s *server) Writable() error {
	if err := s.pump(); err != nil {
		return s.failed(err)
	}
	if err := s.run(); err != nil {
		return err
	}
	return s.atEnd()
}

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

// run goes on with the input as far as it goes.
func (s *server) run() error {
	ch := s.Channel()
	s.state |= running
	defer func() { s.state &^= running }()
	for s.rest != nil && !ch.Halted() && s.state&over == 0 {
		var more bool
		var err error
		switch {
		case s.x == nil:
			more, err = s.readHead()
		case s.body.state != bodyDone:
			more, err = s.readBody()
		default: // the next request has begun to come before this one was answered
			s.hold()
		}
		if err != nil {
			return s.failed(err)
		}
		if !more {
			break
		}
	}
	s.settle()
	return nil
}

// settle leaves what is kept until there is more input in good order.
func (s *server) settle() {
	now := s.Channel().Loop().Now()
	s.keep(s.Channel().Cache())
	switch {
	case s.x != nil && s.body.state != bodyDone && s.wanted():
		s.clock.set(now, s.conf.Timeouts.Body)
	case s.x != nil && s.x.stage == sending:
		s.clock.set(now, s.conf.Timeouts.Send)
	case s.x != nil:
		s.clock.stop()
	case s.rest != nil && s.Channel().Halted(): // it is the peer who has to take something
		s.state &^= begun
		s.clock.set(now, s.conf.Timeouts.Send)
	case s.rest == nil:
		s.state &^= begun
		s.clock.set(now, s.conf.Timeouts.Idle)
	case s.state&begun == 0:
		s.state |= begun
		s.clock.set(now, s.conf.Timeouts.Head)
	}
}

// wanted tells whether more of the body is waited for, rather than for the handler.
func (s *server) wanted() bool {
	return !s.Channel().Halted() && (!s.conf.stream || s.x.onBody != nil || s.x.stage == answered)
}

// hold stops reading until the present request is done.
func (s *server) hold() {
	if s.state&held == 0 {
		s.state |= held
		s.Channel().Suspend()
	}
}

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
	s.value = x.req.Header.inside
	if bad == nil && n == 0 {
		loop.put(x)
		return s.more(p, s.conf.Limits.Head), nil
	}
	s.scanned, s.value, s.blank = 0, false, 0
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
	if s.x == nil || s.x.req.Method != "HEAD" {
		answer += text + "\n"
	}
	s.drop()
	if werr := s.reply(answer); werr != nil {
		return errors.Join(err, werr)
	}
	return err
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
	c := s.Channel().Cache()
	return s.Context.Write(c.Replied(copy(c.ReplyRoom(len(text)), text)))
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
