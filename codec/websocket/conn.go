package websocket

import (
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
)

// conn is the stage of one connection, of either side.
//
//	rest ──header──► left, key, kind ──payload──► data ──Fire──►     whole messages are fired at once, and never are in data
//	wire ◄──header in front──── Write
//
// Thousands of them are idle at a time, so it is small: what few connections have is in extra.
type conn struct {
	pipeline.Context[Message, *buffer.Buf]
	set   *settings
	rest  *buffer.Buf // input that was not used yet: less than a header or a control frame, or what has come while halted
	data  *buffer.Buf // the message that is coming, as far as it was collected
	left  int64       // bytes that are missing to the present frame of it
	size  int64       // bytes of its frames so far, the present one included
	extra *extra

	place uint32  // in sweeper.conns, from 1 on; 0 if it is not there
	heard uint32  // when there was input
	began uint32  // when the message began
	key   [4]byte // of the present frame, for its next byte
	state flags
	kind  Kind      // of the message that is coming, 0 if there is none
	text  utf8State // of the message that is coming
}

type flags uint16

const (
	lastFrame  flags = 1 << iota // the present frame is the last one of its message
	compressed                   // the message that is coming
	begunFire                    // the first piece of the message was fired
	sending                      // the first pieces of a message were written
	batching                     // there is more than one frame in the present input
	pinged                       // the peer was sent a Ping for its silence
	closeSent
	closeRead
	ended // the peer has ended its stream
)

// extra is what few connections have.
type extra struct {
	deflate  deflateState
	protocol string
	pong     *buffer.Buf    // the answer to the latest Ping, which waits because the peer does not take output
	members  *member        // in groups
	closing  *channel.Timer // of the close handshake
	cause    error          // what Closed is to be told when that is over
}

func (s *conn) extras() *extra {
	if s.extra == nil {
		s.extra = new(extra)
	}
	return s.extra
}

// String is how the stage is called in refusals.
func (s *conn) String() string { return "websocket" }

// now returns the loop's time in units of about a millisecond. It wraps around after 52 days; only differences are used.
func (s *conn) now() uint32 { return ticks(s.Channel().Loop().Now()) }

func ticks(d time.Duration) uint32 { return uint32(d >> 20) }

// Open starts the clock.
func (s *conn) Open() error {
	s.heard = s.now()
	if s.set.precision > 0 {
		perLoop.Of(s.Channel().Loop()).sweeper.add(s)
	}
	return nil
}

// Read takes input.
func (s *conn) Read(b *buffer.Buf) error {
	s.heard = s.now()
	s.state &^= pinged
	if s.rest == nil {
		s.rest = b
	} else {
		codec.AddRest(s.rest, b)
	}
	s.Channel().Keep()
	return s.run()
}

// run goes on with the input as far as it goes.
func (s *conn) run() error {
	ch := s.Channel()
	if s.rest == nil || ch.Halted() {
		return nil
	}
	if s.state&closeRead != 0 { // nothing counts that follows a Close
		s.dropRest()
		return nil
	}
	r := ch.Cache().Reader(s.rest)
	err := s.frames(r)
	n := r.Consumed()
	r.Close()
	s.state &^= batching
	s.keep(n)
	switch {
	case err != nil:
		return s.failed(err)
	case s.state&closeRead != 0:
		s.dropRest()
	case s.kind != 0:
		ch.Lacks(int(min(s.left, 1<<30)))
	}
	return nil
}

// keep drops the first n bytes of the rest, which were used.
func (s *conn) keep(n int) {
	b := s.rest
	if n == b.Len() {
		s.rest = nil
		b.Release()
		return
	}
	b.Discard(n)
	codec.KeepRest(s.Channel().Cache(), b)
}

func (s *conn) dropRest() {
	if b := s.rest; b != nil {
		s.rest = nil
		b.Release()
	}
}

// dropData lets go of a message that will not be delivered.
func (s *conn) dropData() {
	s.kind, s.left, s.size = 0, 0, 0
	if b := s.data; b != nil {
		s.data = nil
		b.Release()
	}
}

// Writable goes on with what was kept while the channel was halted, or its peer took no output.
func (s *conn) Writable() error {
	s.heard = s.now() // it takes output
	if s.extra != nil && s.extra.pong != nil {
		b := s.extra.pong
		s.extra.pong = nil
		if s.state&closeSent != 0 {
			b.Release()
		} else if err := s.writeFrame(finBit|byte(Pong), b); err != nil {
			return err
		}
	}
	if err := s.run(); err != nil {
		return err
	}
	return s.atEnd()
}

// EOF is the end of the peer's stream. What came before it may wait for room for its answers.
func (s *conn) EOF() error {
	s.state |= ended
	if s.rest != nil && s.Channel().Halted() {
		s.Channel().KeepOpen()
		return nil
	}
	return s.atEnd()
}

// atEnd closes the channel when the peer has ended its stream and all input was used.
func (s *conn) atEnd() error {
	ch := s.Channel()
	if s.state&ended == 0 || ch.Closing() || s.rest != nil && ch.Halted() {
		return nil
	}
	if s.state&closeRead == 0 {
		return errNoClose
	}
	ch.Close(s.closeCause())
	return nil
}

// Leftover gives up the input that was not used.
func (s *conn) Leftover() *buffer.Buf {
	b := s.rest
	s.rest = nil
	return b
}

// Closed releases what the connection has.
func (s *conn) Closed(error) {
	perLoop.Of(s.Channel().Loop()).sweeper.remove(s)
	s.dropRest()
	s.dropData()
	x := s.extra
	if x == nil {
		return
	}
	if x.closing != nil {
		x.closing.Stop()
	}
	if x.pong != nil {
		x.pong.Release()
		x.pong = nil
	}
	x.deflate.release()
	s.leaveGroups()
}
