package channel

import "time"

// TCPInfo is what the kernel knows of a TCP connection (TCP_INFO, tcp(7)). Counts are since the connection was made. A system
// that does not know a field leaves it zero.
type TCPInfo struct {
	State TCPState

	RTT         time.Duration // round trip, smoothed (RFC 6298)
	RTTVariance time.Duration // its mean deviation
	MinRTT      time.Duration // the shortest lately
	RTO         time.Duration // until the next retransmission

	MSS          int    // bytes of a full segment to the peer
	Window       int    // segments that may be under way: the congestion window (RFC 5681)
	Threshold    int    // of slow start, in segments; very large until there was a loss
	Unacked      int    // segments under way
	Lost         int    // of these, how many are taken for lost
	Retransmits  uint64 // segments that were sent again
	Reordering   int    // segments by which order may differ before it is taken for a loss
	NotSent      int    // bytes in the kernel that were not sent yet
	PeerWindow   int    // bytes that the peer has room for; Linux 5.4
	DeliveryRate uint64 // bytes that the peer acknowledges in a second, as measured last
	PacingRate   uint64 // bytes in a second that are sent at most

	BytesSent       uint64 // payload, with retransmissions
	BytesAcked      uint64
	BytesReceived   uint64
	BytesRetransmit uint64

	SinceSent     time.Duration // since data was last sent
	SinceReceived time.Duration // since data last came

	// Of the time in which there was something to send, how long the peer's window and our own send buffer were what held it up.
	Busy, PeerLimited, BufferLimited time.Duration
}

// TCPState is the state of a TCP connection, RFC 9293 section 3.3.2, with the numbers of Linux.
type TCPState uint8

// States of an open channel: others come before Open, or after Closed.
const (
	TCPEstablished TCPState = 1
	TCPFinWait1    TCPState = 4
	TCPFinWait2    TCPState = 5
	TCPTimeWait    TCPState = 6
	TCPClosed      TCPState = 7 // also after a reset
	TCPCloseWait   TCPState = 8
	TCPLastAck     TCPState = 9
	TCPClosing     TCPState = 11
)

var tcpStates = [...]string{"unknown", "established", "syn-sent", "syn-received", "fin-wait-1", "fin-wait-2", "time-wait", "closed",
	"close-wait", "last-ack", "listen", "closing"}

// String returns the state's name.
func (s TCPState) String() string {
	if int(s) < len(tcpStates) {
		return tcpStates[s]
	}
	return tcpStates[0]
}

// TCPInfo fills in what the kernel knows of the connection now. It takes a system call, and allocates nothing. For channels that
// are not on TCP, and systems and engines that do not tell, the error is errors.ErrUnsupported.
func (ch *Channel) TCPInfo(info *TCPInfo) error {
	if b, ok := ch.backend.(Informer); ok && ch.state < closed {
		return NewOpError("tcp info", b.TellTCPInfo(info))
	}
	return NewOpError("tcp info", ch.untold())
}
