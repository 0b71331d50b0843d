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
	// Capabilities tells what the engine can do on this system.
	Capabilities() Capabilities
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
	// Spin is how long a loop that has nothing to do goes on asking for events before it sleeps. That takes a whole processor while
	// there is traffic, and saves the time that it takes to wake up, some 5 to 50 us. Zero means that it sleeps at once.
	Spin time.Duration
	// PinLoops keeps the thread of each loop on one processor: the first loop on the first of those that the process may use, and
	// so on, see sched_setaffinity(2). If there are more loops than processors they share them.
	PinLoops bool
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
	// Steer has the kernel give a connection to the loop on whose processor its first packet was received, so that the rest of
	// the work is done there too: by a filter on the sockets of ReusePort, which must be set (SO_ATTACH_REUSEPORT_CBPF, socket(7)).
	// It makes sense with Config.PinLoops, a loop for each processor, and a network device that spreads its packets
	// evenly. With PinLoops more loops than processors are an error. Without it the number of the processor modulo that of
	// the loops decides.
	Steer bool
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
