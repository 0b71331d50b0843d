package transporttest

import (
	"net/netip"

	"github.com/ropewalk/ropewalk/channel/datagram"
)

// A packetSink is a datagram.Sink made of functions, which checks that its calls come in order. What it receives, if it has no
// function for that, and what failed, it keeps for the test.
type packetSink struct {
	w          *world
	onOpen     func(*packetSink) error
	onReceive  func(*packetSink, datagram.Packet) error
	onFailed   func(*packetSink, netip.AddrPort, error) error
	onWritable func(*packetSink) error

	s      *datagram.Socket
	inside string
	over   bool

	got    chan got
	fails  chan error
	opened chan datagram.Remote
	closed chan error
}

// got is a packet that a sink has received.
type got struct {
	datagram.Address
	tos  uint8
	data string
}

func (w *world) packetSink() *packetSink {
	return &packetSink{w: w, got: make(chan got, 4096), fails: make(chan error, 4096), opened: make(chan datagram.Remote, 1), closed: make(chan error, 1)}
}

// packetEcho is a sink that sends back what it gets.
func (w *world) packetEcho() *packetSink {
	s := w.packetSink()
	s.onReceive = func(s *packetSink, p datagram.Packet) error { return s.s.Send(p) }
	return s
}

func (s *packetSink) enter(call string) func() {
	switch {
	case s.over:
		s.w.Errorf("packet sink: %s after Closed", call)
	case s.inside != "":
		s.w.Errorf("packet sink: %s inside %s", call, s.inside)
	case s.s == nil && call != "Open":
		s.w.Errorf("packet sink: %s before Open", call)
	}
	s.inside = call
	return func() { s.inside = "" }
}

func (s *packetSink) Open(sock *datagram.Socket) error {
	defer s.enter("Open")()
	s.s = sock
	s.opened <- sock.Remote()
	if s.onOpen == nil {
		return nil
	}
	return s.onOpen(s)
}

func (s *packetSink) Receive(p datagram.Packet) error {
	defer s.enter("Receive")()
	if s.s.Halted() {
		s.w.Errorf("packet sink: a packet while none is wanted")
	}
	if s.onReceive != nil {
		p.TOS = 0 // of the answer
		return s.onReceive(s, p)
	}
	s.got <- got{p.Address, p.TOS, p.Data.Text(0, p.Data.Len())}
	p.Data.Release()
	return nil
}

func (s *packetSink) ReceiveDone() error {
	defer s.enter("ReceiveDone")()
	return nil
}

func (s *packetSink) Failed(to netip.AddrPort, err error) error {
	defer s.enter("Failed")()
	if s.onFailed != nil {
		return s.onFailed(s, to, err)
	}
	s.fails <- err
	return nil
}

func (s *packetSink) Writable() error {
	defer s.enter("Writable")()
	if s.onWritable == nil {
		return nil
	}
	return s.onWritable(s)
}

func (s *packetSink) Closed(cause error) {
	defer s.enter("Closed")()
	s.over = true
	s.closed <- cause
}

// next returns the next packet.
func (s *packetSink) next() got {
	s.w.Helper()
	return await(s.w, "a packet", s.got)
}

// do runs f on the loop and returns when it has run.
func (s *packetSink) do(r datagram.Remote, f func(*datagram.Socket)) {
	s.w.Helper()
	ran := make(chan error, 1)
	r.Do(func(sock *datagram.Socket, err error) {
		if err == nil {
			f(sock)
		}
		ran <- err
	})
	if err := await(s.w, "a call on the loop", ran); err != nil {
		s.w.Fatalf("Remote.Do: %v", err)
	}
}

// text sends a packet.
func (s *packetSink) text(to netip.AddrPort, data string) error {
	b := s.s.Alloc(len(data))
	b.PutString(data)
	return s.s.WriteTo(b, to)
}
