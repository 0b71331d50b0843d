//go:build linux

package sockettest

import (
	"fmt"
	"sync/atomic"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/socket"
)

// A Sink is a channel.Sink made of functions. Those that are nil do nothing, and release what they are given. It checks that its
// calls come in order. All fields but Opened and Gone belong to the loop once the channel is open.
type Sink struct {
	OnOpen     func(*Sink) error
	OnRead     func(*Sink, *buffer.Buf) error
	OnReadDone func(*Sink) error
	OnEOF      func(*Sink) error
	OnWritable func(*Sink) error
	OnClosed   func(*Sink, error)

	Channel *channel.Channel
	Opened  chan struct{} // closed when Open returns
	Gone    chan error    // gets the cause

	inside      string // the call that runs
	ended, over bool   // EOF, Closed was called
	fault       atomic.Pointer[error]
}

var _ channel.Sink = (*Sink)(nil)

// NewSink returns a sink that drops its input.
func NewSink() *Sink { return &Sink{Opened: make(chan struct{}), Gone: make(chan error, 1)} }

// Echo returns a sink that sends back what it gets.
func Echo() *Sink {
	s := NewSink()
	s.OnRead = func(s *Sink, b *buffer.Buf) error { return s.Channel.Write(b) }
	return s
}

// Fault notes what is wrong, to be found by Err. Only the first one counts. It may be called by any goroutine.
func (s *Sink) Fault(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	s.fault.CompareAndSwap(nil, &err)
}

// Err returns what was wrong with the calls of the sink so far, or was noted by Fault. It may be called by any goroutine.
func (s *Sink) Err() error {
	if err := s.fault.Load(); err != nil {
		return *err
	}
	return nil
}

// enter checks that a call may be made now; leave ends it.
func (s *Sink) enter(call string) {
	switch {
	case s.over:
		s.Fault("%s after Closed", call)
	case s.inside != "":
		s.Fault("%s inside %s", call, s.inside)
	case s.Channel == nil && call != "Open":
		s.Fault("%s before Open", call)
	}
	s.inside = call
}

func (s *Sink) leave() { s.inside = "" }

// Open implements channel.Sink.
func (s *Sink) Open(ch *channel.Channel) error {
	s.enter("Open")
	defer s.leave()
	s.Channel = ch
	defer close(s.Opened)
	return s.call(s.OnOpen)
}

// Read implements channel.Sink.
func (s *Sink) Read(b *buffer.Buf) error {
	s.enter("Read")
	defer s.leave()
	switch {
	case s.ended:
		s.Fault("%d bytes of input after the end of the stream", b.Len())
	case s.Channel.Halted():
		s.Fault("%d bytes of input while none is wanted", b.Len())
	case b.Len() == 0:
		s.Fault("empty input")
	}
	if s.OnRead != nil {
		return s.OnRead(s, b)
	}
	b.Release()
	return nil
}

// ReadDone implements channel.Sink.
func (s *Sink) ReadDone() error {
	s.enter("ReadDone")
	defer s.leave()
	return s.call(s.OnReadDone)
}

// EOF implements channel.Sink.
func (s *Sink) EOF() error {
	s.enter("EOF")
	defer s.leave()
	if s.ended {
		s.Fault("EOF twice")
	}
	s.ended = true
	return s.call(s.OnEOF)
}

// Writable implements channel.Sink.
func (s *Sink) Writable() error {
	s.enter("Writable")
	defer s.leave()
	return s.call(s.OnWritable)
}

// Closed implements channel.Sink.
func (s *Sink) Closed(cause error) {
	s.enter("Closed")
	defer s.leave()
	s.over = true
	if s.OnClosed != nil {
		s.OnClosed(s, cause)
	}
	s.Gone <- cause
}

func (s *Sink) call(f func(*Sink) error) error {
	if f == nil {
		return nil
	}
	return f(s)
}

// Conn returns the connection of an open sink, nil if it is not on its loop any more. It must be called on the loop.
func (s *Sink) Conn() *socket.Conn {
	p := s.Channel.Loop().Engine.(*socket.Loop).Poller
	for c, key := p.Next(0); c != nil; c, key = p.Next(key + 1) {
		if &c.Channel == s.Channel {
			return c
		}
	}
	return nil
}

// A BareEcho is the smallest sink that answers: nothing of it counts where memory is counted.
type BareEcho struct{ ch *channel.Channel }

var _ channel.Sink = (*BareEcho)(nil)

// Open implements channel.Sink.
func (s *BareEcho) Open(ch *channel.Channel) error { s.ch = ch; return nil }

// Read implements channel.Sink.
func (s *BareEcho) Read(b *buffer.Buf) error { return s.ch.Write(b) }

// ReadDone implements channel.Sink.
func (s *BareEcho) ReadDone() error { return nil }

// EOF implements channel.Sink.
func (s *BareEcho) EOF() error { return nil }

// Writable implements channel.Sink.
func (s *BareEcho) Writable() error { return nil }

// Closed implements channel.Sink.
func (s *BareEcho) Closed(error) {}
