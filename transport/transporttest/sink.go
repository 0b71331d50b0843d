package transporttest

import (
	"sync/atomic"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// A sink is a channel.Sink made of functions. Those that are nil do nothing, and release what they are given. It checks
// that its calls come in order. All fields but those at the end belong to the loop.
type sink struct {
	w          *world
	onOpen     func(*sink) error
	onRead     func(*sink, *buffer.Buf) error
	onReadDone func(*sink) error
	onEOF      func(*sink) error
	onWritable func(*sink) error
	onClosed   func(*sink, error)

	ch     *channel.Channel
	inside string // the call that runs
	eof    bool
	over   bool

	received atomic.Int64   // bytes
	remote   channel.Remote // once opened is closed
	opened   chan struct{}
	ended    chan struct{} // closed by EOF
	closed   chan error    // gets the cause
}

func (w *world) newSink() *sink {
	return &sink{w: w, opened: make(chan struct{}), ended: make(chan struct{}), closed: make(chan error, 1)}
}

// echo is a sink that sends back what it gets.
func (w *world) echo() *sink {
	s := w.newSink()
	s.onRead = func(s *sink, b *buffer.Buf) error { return s.ch.Write(b) }
	return s
}

// enter checks that a call may be made now, and returns what ends it.
func (s *sink) enter(call string) func() {
	switch {
	case s.over:
		s.w.Errorf("sink: %s after Closed", call)
	case s.inside != "":
		s.w.Errorf("sink: %s inside %s", call, s.inside)
	case s.ch == nil && call != "Open":
		s.w.Errorf("sink: %s before Open", call)
	}
	s.inside = call
	return func() { s.inside = "" }
}

func (s *sink) Open(ch *channel.Channel) error {
	defer s.enter("Open")()
	s.ch = ch
	s.remote = ch.Remote()
	defer close(s.opened)
	return call(s, s.onOpen)
}

func (s *sink) Read(b *buffer.Buf) error {
	defer s.enter("Read")()
	switch {
	case s.eof:
		s.w.Errorf("sink: %d bytes of input after the end of the stream", b.Len())
	case s.ch.Halted():
		s.w.Errorf("sink: %d bytes of input while none is wanted", b.Len())
	case b.Len() == 0:
		s.w.Errorf("sink: empty input")
	}
	s.received.Add(int64(b.Len()))
	if s.onRead == nil {
		b.Release()
		return nil
	}
	return s.onRead(s, b)
}

func (s *sink) ReadDone() error {
	defer s.enter("ReadDone")()
	return call(s, s.onReadDone)
}

func (s *sink) EOF() error {
	defer s.enter("EOF")()
	if s.eof {
		s.w.Errorf("sink: EOF twice")
	}
	s.eof = true
	defer close(s.ended)
	return call(s, s.onEOF)
}

func (s *sink) Writable() error {
	defer s.enter("Writable")()
	return call(s, s.onWritable)
}

func (s *sink) Closed(cause error) {
	defer s.enter("Closed")()
	s.over = true
	s.closed <- cause
	if s.onClosed != nil {
		s.onClosed(s, cause)
	}
}

func call(s *sink, f func(*sink) error) error {
	if f == nil {
		return nil
	}
	return f(s)
}

// do runs f on the loop and returns when it has run.
func (s *sink) do(f func(*channel.Channel)) {
	s.w.Helper()
	ran := make(chan error, 1)
	s.remote.Do(func(ch *channel.Channel, err error) {
		if err == nil {
			f(ch)
		}
		ran <- err
	})
	if err := await(s.w, "a call on the loop", ran); err != nil {
		s.w.Fatalf("Remote.Do: %v", err)
	}
}

// cause waits until the channel is closed and returns why.
func (s *sink) cause() error {
	s.w.Helper()
	return await(s.w, "Closed", s.closed)
}

// text returns a buffer of the loop that holds p.
func (s *sink) text(p string) *buffer.Buf {
	b := s.ch.Alloc(len(p))
	b.PutString(p)
	return b
}

// bytes is text for a slice.
func (s *sink) bytes(p []byte) *buffer.Buf {
	b := s.ch.Alloc(len(p))
	b.Write(p)
	return b
}
