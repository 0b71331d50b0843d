package channeltest

import (
	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// A Sink is a channel.Sink made of functions, all of which may be nil. It notes the calls that it gets.
type Sink struct {
	OnOpen     func(*channel.Channel) error
	OnRead     func(*buffer.Buf) error // owns the buffer; nil keeps a copy of its bytes in In
	OnReadDone func() error
	OnEOF      func() error
	OnWritable func() error
	OnClosed   func(error)

	Channel *channel.Channel // from Open on
	In      string           // what was read, if OnRead is nil
	Calls   []string         // "Open", "Read", "ReadDone", "EOF", "Writable", "Closed"
	Quiet   bool             // leave Calls alone, for tests that measure
}

// Echo returns a sink that writes what it reads.
func Echo() *Sink {
	s := new(Sink)
	s.OnRead = func(b *buffer.Buf) error { return s.Channel.Write(b) }
	return s
}

func (s *Sink) called(name string) {
	if !s.Quiet {
		s.Calls = append(s.Calls, name)
	}
}

// Open implements channel.Sink.
func (s *Sink) Open(ch *channel.Channel) error {
	s.called("Open")
	s.Channel = ch
	if s.OnOpen != nil {
		return s.OnOpen(ch)
	}
	return nil
}

// Read implements channel.Sink.
func (s *Sink) Read(b *buffer.Buf) error {
	s.called("Read")
	if s.OnRead != nil {
		return s.OnRead(b)
	}
	s.In += string(b.Bytes())
	b.Release()
	return nil
}

// ReadDone implements channel.Sink.
func (s *Sink) ReadDone() error { return s.call("ReadDone", s.OnReadDone) }

// EOF implements channel.Sink.
func (s *Sink) EOF() error { return s.call("EOF", s.OnEOF) }

// Writable implements channel.Sink.
func (s *Sink) Writable() error { return s.call("Writable", s.OnWritable) }

func (s *Sink) call(name string, f func() error) error {
	s.called(name)
	if f != nil {
		return f()
	}
	return nil
}

// Closed implements channel.Sink.
func (s *Sink) Closed(cause error) {
	s.called("Closed")
	if s.OnClosed != nil {
		s.OnClosed(cause)
	}
}
