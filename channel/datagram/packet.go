package datagram

import (
	"net/netip"

	"github.com/ropewalk/ropewalk/buffer"
)

// MaxPayload is the largest number of bytes that a datagram can carry: what 16 bits can count, without the header of UDP
// (RFC 768). Over IPv4 it is 20 bytes less. What arrives depends on the path: beyond 1,200 bytes a packet may be cut into fragments,
// and all is lost with one of them (RFC 8085, section 3.2).
const MaxPayload = 65535 - 8

// An Address says between whom a packet travels. The one of a packet that was received is also that of its answer.
type Address struct {
	// Peer is the other side: the sender of what was received, the receiver of what is sent.
	Peer netip.AddrPort
	// Local is our address, if the socket was told to find it out: where a packet was sent to, which may be a group, and
	// from where one shall leave. The zero value, and a group, leave the choice to the system.
	Local netip.Addr
	// Interface is the index of the network interface that a packet came in on; 0 if that is not known. For a packet that is sent
	// it counts when Peer is a group, or an address that is good on one link only; otherwise the routes decide.
	Interface uint32
}

// To returns the address of a packet that is not an answer.
func To(peer netip.AddrPort) Address { return Address{Peer: peer} }

// A Packet is one datagram.
type Packet struct {
	// Data are the bytes, perhaps none. Who has the packet owns them.
	Data *buffer.Buf
	Address
	// TOS is the traffic class, with the bits of ECN (RFC 3168): of a received packet if the socket was told to find it out,
	// otherwise 0. Of a sent one, 0 means what the socket is set to. It is not part of the Address, since an answer
	// must not repeat it.
	TOS uint8
}
