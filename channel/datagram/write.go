package datagram

import (
	"net/netip"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// mostPieces is how many pieces a packet may lie in. More are copied into one.
const mostPieces = 16

// Write queues b as a packet to the peer of a connected socket, and consumes it. It fails as Send does.
func (s *Socket) Write(b *buffer.Buf) error { return s.send(b, &Address{}, 0) }

// WriteTo queues b as a packet to an address, and consumes it. It fails as Send does.
func (s *Socket) WriteTo(b *buffer.Buf, to netip.AddrPort) error {
	return s.send(b, &Address{Peer: to}, 0)
}

// WriteVia is WriteTo that also says from where the packet shall leave: with the Address of a packet that was received it is an answer.
func (s *Socket) WriteVia(b *buffer.Buf, a Address) error { return s.send(b, &a, 0) }

// Send queues a packet and consumes its data, also when it fails: with ErrNoPeer or ErrConnected if it cannot go to its address,
// with ErrTooLarge, with channel.ErrOutboundFull beyond the hard caps of the queue, or with channel.ErrClosed. What the system does not
// take later is told by Sink.Failed.
func (s *Socket) Send(p Packet) error { return s.send(p.Data, &p.Address, p.TOS) }

func (s *Socket) send(b *buffer.Buf, a *Address, tos uint8) error {
	size := b.Len()
	if err := s.refuses(a, size); err != nil {
		b.Release()
		return err
	}
	bytes := size
	if size == 0 {
		b.Release() // the queue keeps no empty buffer: a byte stands for it
		b = s.Alloc(1)
		b.PutUint8(0)
		bytes = 1
	} else if b.Segments() > mostPieces {
		b.Bytes()
	}
	r := s.out.push() // first: the queue may be sent before Write returns
	r.Address, r.size, r.bytes, r.tos = *a, int32(size), int32(bytes), tos
	if err := s.port.Write(b); err != nil {
		s.out.unpush()
		if err == channel.ErrOutboundFull {
			s.full()
		}
		return err
	}
	return nil
}

// refuses tells why a packet cannot be queued, nil if it can, and fills in the peer of a connected socket.
func (s *Socket) refuses(a *Address, size int) error {
	switch {
	case s.peer.IsValid():
		if a.Peer.IsValid() && a.Peer != s.peer {
			return ErrConnected
		}
		a.Peer = s.peer
	case !a.Peer.IsValid() || a.Peer.Port() == 0:
		return ErrNoPeer
	}
	if size > MaxPayload {
		return ErrTooLarge
	}
	if s.out.packets >= s.opts.MaxPackets && s.opts.MaxPackets > 0 {
		s.full()
		return channel.ErrOutboundFull
	}
	return nil
}

// full counts a packet that the queue has no room for.
func (s *Socket) full() {
	s.counts.Refused++
	s.board.show(&s.counts)
}
