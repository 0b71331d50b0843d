package http1

import (
	"sync"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
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
