package datagram

import (
	"net/netip"
)

// A Sink receives what happens on a socket. All calls come from the socket's loop, never one inside another. An error that a
// call returns closes the socket with that cause, for all peers: what concerns one packet is not to be returned.
type Sink interface {
	// Open is the first call.
	Open(*Socket) error
	// Receive passes on a packet that has come; the sink owns its data.
	Receive(Packet) error
	// ReceiveDone says that the burst of packets is over: what was written since leaves now.
	ReceiveDone() error
	// Failed says that a packet to a peer was not sent, or that word came that one was not received: err is the system's, such
	// as EMSGSIZE, ENETUNREACH, or, on a connected socket, ECONNREFUSED. When many fail at once some are only counted.
	Failed(to netip.AddrPort, err error) error
	// Writable says that the queue has drained to the low mark after it had been above the high one, that reading was
	// resumed, or that Socket.Yield was called.
	Writable() error
	// Closed is the last call, made exactly once if Open was made. A nil cause is a normal end.
	Closed(cause error)
}

// A Backend is an engine's side of a socket. All calls come from the socket's loop, but those of Overrun, and after Close only Local
// and Overrun are called.
type Backend interface {
	// SetReading starts or stops the delivery of packets. While it is stopped the engine takes nothing from the socket.
	SetReading(on bool)
	// HasInput tells whether a packet is there to be read now. An engine that cannot tell returns true.
	HasInput() bool
	// Flush sends as many packets as the system takes without blocking, and reports each by Outbound.Sent or Outbound.Lost. If some
	// are left, the engine calls Port.Ready when there is room again. An error ends the socket; what is the matter with one packet
	// only is no error, but Lost.
	Flush(*Outbound) error
	// Join and Leave change membership in a group.
	Join(Membership) error
	Leave(Membership) error
	// Overrun returns how many packets the kernel has dropped because its buffer for the socket was full; 0 if it does not tell. It may
	// be called by any goroutine.
	Overrun() uint64
	// Close frees the socket's resources.
	Close()
	// Local returns the address that the socket is bound to; also after Close, as far as that is known.
	Local() netip.AddrPort
}

// A Membership says which packets of a multicast group a socket wants.
type Membership struct {
	// Group is the group's address, of the socket's family.
	Group netip.Addr
	// Interface is the name of the network interface. Empty means the one that the system chooses.
	Interface string
	// Source, if valid, is the only sender whose packets are wanted (RFC 4607).
	Source netip.Addr
}
