package datagramtest

import (
	"net/netip"

	"github.com/ropewalk/ropewalk/channel/datagram"
)

// A Sink is a datagram.Sink made of functions, all of which may be nil. It notes the calls that it gets.
type Sink struct {
	OnOpen        func(*datagram.Socket) error
	OnReceive     func(datagram.Packet) error // owns the packet; nil keeps a copy in In
	OnReceiveDone func() error
	OnFailed      func(netip.AddrPort, error) error
	OnWritable    func() error
	OnClosed      func(error)

	Socket *datagram.Socket // from Open on
	In     []Sent           // what was received, if OnReceive is nil
	Calls  []string         // "Open", "Receive", "ReceiveDone", "Failed: ...", "Writable", "Closed"
	Quiet  bool             // leave Calls alone, for tests that measure
}

// Echo returns a sink that sends what it receives back.
func Echo() *Sink {
	s := new(Sink)
	s.OnReceive = func(p datagram.Packet) error {
		s.Socket.Send(p)
		return nil
	}
	return s
}

func (s *Sink) called(name string) {
	if !s.Quiet {
		s.Calls = append(s.Calls, name)
	}
}

// Open implements datagram.Sink.
func (s *Sink) Open(sock *datagram.Socket) error {
	s.called("Open")
	s.Socket = sock
	if s.OnOpen == nil {
		return nil
	}
	return s.OnOpen(sock)
}

// Receive implements datagram.Sink.
func (s *Sink) Receive(p datagram.Packet) error {
	s.called("Receive")
	if s.OnReceive != nil {
		return s.OnReceive(p)
	}
	s.In = append(s.In, Sent{p.Address, p.TOS, p.Data.Text(0, p.Data.Len())})
	p.Data.Release()
	return nil
}

// ReceiveDone implements datagram.Sink.
func (s *Sink) ReceiveDone() error {
	s.called("ReceiveDone")
	if s.OnReceiveDone == nil {
		return nil
	}
	return s.OnReceiveDone()
}

// Failed implements datagram.Sink.
func (s *Sink) Failed(to netip.AddrPort, err error) error {
	if !s.Quiet {
		s.called("Failed: " + err.Error())
	}
	if s.OnFailed == nil {
		return nil
	}
	return s.OnFailed(to, err)
}

// Writable implements datagram.Sink.
func (s *Sink) Writable() error {
	s.called("Writable")
	if s.OnWritable == nil {
		return nil
	}
	return s.OnWritable()
}

// Closed implements datagram.Sink.
func (s *Sink) Closed(cause error) {
	s.called("Closed")
	if s.OnClosed != nil {
		s.OnClosed(cause)
	}
}
