// Package engine is the seam between package transport and its engines: what an engine is asked to do, and nothing
// that does it. Engines import it, and so does transport; neither imports the other through it.
//
//	transport ──► engine ◄── transport/epoll, transport/uring, ...
//	                │
//	                ▼
//	             channel
//
// An engine of one's own needs only this package and package channel: see channel.Port for the calls that it makes,
// channel.Backend for those that it gets, and transport/transporttest for the behaviour that it must show.
package engine

import (
	"context"
	"log/slog"
	"net"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// An Engine makes groups of event loops.
type Engine interface {
	// Start returns a running group. It fails if the system refuses what the engine needs.
	Start(Config) (Group, error)
	// String returns the engine's name.
	String() string
}

// Config says how the loops of a group are made. Start fills in defaults with Prepare.
type Config struct {
	// Loops is the number of event loops. Zero means runtime.GOMAXPROCS.
	Loops int
	// Pool makes the loops' buffers. Nil means buffer.Default.
	Pool *buffer.Pool
	// Logger is told about panics and about trouble with accepting. Nil means slog.Default.
	Logger *slog.Logger
	// Now is the loops' clock, nil means the system's.
	Now func() time.Duration
}

// A Group is a set of running event loops. Its methods may be called by any goroutine.
type Group interface {
	// Listen starts to accept connections. ctx bounds name resolution only.
	Listen(ctx context.Context, c ListenConfig) (Listener, error)
	// Dial connects, opens a channel and returns it. ctx bounds all of that; when Dial fails no channel was opened, or the
	// one that was is closed.
	Dial(ctx context.Context, c DialConfig) (channel.Remote, error)
	// Drain closes the listeners, lets every channel deliver what was received and send what was queued, and closes it.
	// When ctx ends first, what is left is aborted, and ctx's error returned.
	Drain(ctx context.Context) error
	// Close aborts what is open and stops the loops. It returns when they have stopped.
	Close() error
	// Loops returns the loops of the group.
	Loops() []*channel.Loop
	// Stats returns how often the loops have called the system so far, as of the end of their last turns.
	Stats() Stats
}

// ListenConfig says where to listen and what to do with connections.
type ListenConfig struct {
	// Network is "tcp", "tcp4", "tcp6" or "unix"; Addr as for net.Listen.
	Network, Addr string
	// Accept makes the sink of a new channel, on its loop. If it returns nil the connection is closed.
	Accept func(*channel.Channel) channel.Sink
	// Options are those of the channels.
	Options *channel.Options
	// ReusePort gives every loop a listening socket of its own, and lets the kernel spread connections by
	// their addresses (SO_REUSEPORT, socket(7)). Otherwise one loop accepts, and gives each connection to the loop
	// that has the fewest.
	ReusePort bool
	// MaxConns is the number of connections at which accepting pauses. It must be positive.
	MaxConns int
	Socket   SocketOptions
}

// DialConfig says where to connect to and what to do with the connection.
type DialConfig struct {
	// Network is "tcp", "tcp4", "tcp6" or "unix"; Addr as for net.Dial.
	Network, Addr string
	// Open makes the sink of the channel, on its loop.
	Open    func(*channel.Channel) channel.Sink
	Options *channel.Options
	// Loop is the loop that the channel shall run on, one of the group's. Nil means the one with the fewest.
	Loop   *channel.Loop
	Socket SocketOptions
}

// SocketOptions are options of the sockets of connections. Zero fields leave the system's default, except as noted.
type SocketOptions struct {
	// Delay leaves Nagle's algorithm on, which waits for more to send. By default it is off (TCP_NODELAY, tcp(7)): what
	// a burst has produced leaves in one call anyway.
	Delay bool
	// KeepAlive is the idle time after which the kernel probes the peer, and the time between probes. Zero means
	// 15 s, negative means no probes.
	KeepAlive time.Duration
	// ReceiveBuffer and SendBuffer are sizes of the kernel's buffers, in bytes (SO_RCVBUF, SO_SNDBUF). Setting
	// them turns the kernel's own tuning off.
	ReceiveBuffer, SendBuffer int
	// Control, if not nil, is called with a listening or connecting socket's descriptor before it is bound or
	// connected, for options that have no field here.
	Control func(network, address string, fd uintptr) error
}

// A Listener accepts connections.
type Listener interface {
	// Addr returns the address that is listened on.
	Addr() net.Addr
	// Conns returns the number of connections that are open.
	Conns() int
	// Drain is Group.Drain for the connections of this listener.
	Drain(ctx context.Context) error
	// Close stops accepting. Connections stay.
	Close() error
}
