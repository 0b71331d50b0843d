package engine

import (
	"context"
	"net"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/datagram"
)

// A DatagramGroup is a Group whose loops have sockets for packets too. Its methods may be called by any goroutine, but not on
// a loop, which they would block. Group.Drain and Group.Close count such sockets among the channels.
type DatagramGroup interface {
	Group
	// ListenDatagrams opens sockets that receive packets from everybody. ctx bounds name resolution only.
	ListenDatagrams(ctx context.Context, c DatagramConfig) (DatagramListener, error)
	// DialDatagrams opens a socket that is connected to one peer, and returns it. No packet is exchanged by that.
	DialDatagrams(ctx context.Context, c DatagramDialConfig) (datagram.Remote, error)
}

// DatagramConfig says where to receive packets and what to do with them.
type DatagramConfig struct {
	// Network is "udp", "udp4" or "udp6"; Addr as for net.ListenPacket.
	Network, Addr string
	// Accept makes the sink of each socket, on its loop. If it returns nil, listening fails.
	Accept func(*datagram.Socket) datagram.Sink
	// Options are those of the sockets.
	Options *datagram.Options
	// Single opens one socket, on the first loop, instead of one on every loop among which the kernel spreads packets by
	// the addresses of both sides (SO_REUSEPORT, socket(7)).
	Single bool
	Socket DatagramOptions
}

// DatagramDialConfig says which peer to connect to.
type DatagramDialConfig struct {
	// Network is "udp", "udp4" or "udp6"; Addr, the peer, as for net.Dial.
	Network, Addr string
	// Open makes the sink of the socket, on its loop. If it returns nil, dialing fails.
	Open    func(*datagram.Socket) datagram.Sink
	Options *datagram.Options
	// Loop is the loop that the socket shall be on, one of the group's. Nil means the one with the fewest connections.
	Loop   *channel.Loop
	Socket DatagramOptions
}

// DefaultMaxPacket is the MaxPacket of sockets that do not set it: every packet is accepted.
const DefaultMaxPacket = datagram.MaxPayload

// DatagramOptions are options of sockets for packets. Zero fields leave the system's default, except as noted.
type DatagramOptions struct {
	// ReceiveBuffer and SendBuffer are sizes of the kernel's buffers, in bytes (SO_RCVBUF, SO_SNDBUF), which the system
	// doubles for its own needs and bounds by net.core.rmem_max and wmem_max. What a burst brings beyond the first one is lost.
	ReceiveBuffer, SendBuffer int
	// MaxPacket is the largest packet that is accepted, in bytes; larger ones are dropped and counted. Zero means DefaultMaxPacket.
	MaxPacket int
	// PacketInfo finds out the local address and the interface of each packet (IP_PKTINFO, ip(7); RFC 3542), so that an answer leaves
	// from the address that was asked. A socket that is not bound to one address on a machine that has several wants it.
	PacketInfo bool
	// ReceiveTOS finds out the traffic class of each packet, with the bits of ECN.
	ReceiveTOS bool
	// TOS is the traffic class of what is sent.
	TOS int
	// Broadcast permits packets to broadcast addresses.
	Broadcast bool
	// NoOffload has each packet go through the kernel by itself. By default packets of one size to one peer enter it together
	// (UDP_SEGMENT), and those of one peer may leave it together (UDP_GRO), where the system can do that: udp(7).
	NoOffload bool

	// Groups are multicast groups to join. Each packet of a group goes to one socket only, the first.
	Groups []datagram.Membership
	// MulticastInterface is the name of the interface that packets to groups leave by.
	MulticastInterface string
	// MulticastTTL is how many hops they may go, 1 to 255; zero means 1, the network of that interface.
	MulticastTTL int
	// NoMulticastLoop keeps them from sockets of this machine.
	NoMulticastLoop bool

	// Control, if not nil, is called with a socket's descriptor before it is bound or connected, for options that have no field
	// here.
	Control func(network, address string, fd uintptr) error
}

// A DatagramListener is sockets for packets at one address. Its methods may be called by any goroutine.
type DatagramListener interface {
	// Addr returns the address that packets are received at.
	Addr() net.Addr
	// Remotes returns the sockets, in the order of the loops. They stay what they are when sockets close.
	Remotes() []datagram.Remote
	// Stats returns what the sockets have counted, as of their last bursts, closed ones included.
	Stats() datagram.Stats
	// Done returns a channel that is closed when no socket is left.
	Done() <-chan struct{}
	// Err returns why the first socket closed that did so because of an error, nil if there is none.
	Err() error
	// Drain delivers what was received, sends what was queued, and closes the sockets. When ctx ends first, what is left is aborted, and
	// ctx's error returned.
	Drain(ctx context.Context) error
	// Close aborts the sockets.
	Close() error
}
