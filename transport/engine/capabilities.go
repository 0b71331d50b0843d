package engine

import "errors"

// ErrUnsupported says that the system, or the engine, cannot do what it was asked for. An engine that the system refuses
// altogether returns it from Start, wrapped with the reason; package transport then takes another one.
var ErrUnsupported = errors.New("not supported here")

// Capabilities says what an engine does as well as sockets allow, and what only in part. All engines pass the same behaviour
// suite; these are the differences that remain.
type Capabilities struct {
	// Networks that Listen and Dial take, such as "tcp" and "unix".
	Networks []string
	// Sendfile: files leave without passing through our memory.
	Sendfile bool
	// ExactPause: while a channel does not read, the engine takes nothing from its connection. Otherwise it has read ahead, up
	// to a bound that the engine's documentation gives.
	ExactPause bool
	// Reset: Abort is a reset for the peer, not an end of stream.
	Reset bool
	// HalfClose: CloseWrite ends one direction only. Otherwise it closes the connection.
	HalfClose bool
	// Gathered: the pieces of a burst leave in one call, uncopied.
	Gathered bool
	// ReusePort: every loop can have a listening socket of its own.
	ReusePort bool
	// SocketOptions: all fields of SocketOptions have an effect where the system has the option.
	SocketOptions bool
	// Credentials: channels on Unix sockets tell who the peer is, see channel.Channel.PeerCredentials.
	Credentials bool
	// Descriptors: open files can be sent and received on Unix sockets, see channel.Descriptors.
	Descriptors bool
	// ZeroCopy: SocketOptions.ZeroCopy is taken. Otherwise it is refused.
	ZeroCopy bool
	// TCPInfo: channels on TCP tell what the kernel knows of their connection, see channel.TCPInfo, and the groups are
	// also Samplers.
	TCPInfo bool
	// Steer: ListenConfig.Steer and Config.PinLoops are taken.
	Steer bool
	// Datagrams: the engine's groups are also DatagramGroups.
	Datagrams bool
}
