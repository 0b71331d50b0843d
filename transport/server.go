package transport

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// DefaultDrainTimeout is how long a stopping server waits for its connections if DrainTimeout is zero.
const DefaultDrainTimeout = 10 * time.Second

// A Server accepts connections and opens a channel on each. Its fields must not change once it runs.
type Server struct {
	// Network is "tcp", "tcp4", "tcp6" or "unix"; empty means "tcp".
	Network string
	// Addr is the address to listen on, as for net.Listen: for "unix" a path, or on Linux @ and a name of the abstract name space,
	// of which there is no file. Empty means ":0", any port.
	Addr string
	// Accept makes the sink of a new channel, on the channel's loop. If it returns nil the connection is closed.
	// pipeline.New returns such a function. It is required.
	Accept func(*channel.Channel) channel.Sink

	// Group is a running group of loops to share. If it is set, Engine, Loops and Pool have no effect, and the group stays
	// when the server stops.
	Group engine.Group
	// Engine makes the loops. Nil means the best for this system.
	Engine engine.Engine
	// Loops is the number of event loops. Zero means runtime.GOMAXPROCS.
	Loops int
	// Pool makes the buffers. Nil means buffer.Default.
	Pool *buffer.Pool
	// Spin is how long a loop goes on asking for events before it sleeps, and PinLoops keeps each loop on a processor: see
	// engine.Config. With a Group they have no effect.
	Spin     time.Duration
	PinLoops bool

	// MaxConns is the number of connections at which accepting pauses. Zero means nine tenths of the process's limit of
	// open files (RLIMIT_NOFILE), negative means no limit.
	MaxConns int
	// Marks bounds what is queued on a channel. Zero fields mean 32 KiB, 64 KiB and 16 MiB.
	Marks channel.Watermark
	// Linger is how long a channel that has sent everything and closes waits for its peer to end its side. Zero means 5 s, negative
	// means not at all.
	Linger time.Duration
	// FlushTimeout is how long a closing channel waits for its peer to take some more of what is queued. Zero means a minute,
	// negative means for ever.
	FlushTimeout time.Duration
	// HalfOpen keeps channels open whose peer has ended its stream.
	HalfOpen bool
	// ReusePort gives every loop a listening socket of its own, and leaves it to the kernel to spread
	// connections. By default one loop accepts and each connection goes to the loop that has the fewest.
	ReusePort bool
	// Steer has the kernel give a connection to the loop on whose processor its packets come, see engine.ListenConfig. It needs
	// ReusePort and makes sense with PinLoops.
	Steer bool
	// Socket are options of the sockets.
	Socket engine.SocketOptions

	// DrainTimeout is how long a stopping server waits for its connections. Zero means DefaultDrainTimeout,
	// negative means not at all.
	DrainTimeout time.Duration
	// Logger is told where the server listens, and of connections that ended because of an error: as a warning, or on the
	// level that the error's method LogLevel() slog.Level returns. Nil means slog.Default.
	Logger *slog.Logger
}

// ErrNoAccept says that a server or a dial was not told what to do with channels.
var ErrNoAccept = errors.New("transport: no function that makes sinks")

// ListenAndServe runs the server until ctx ends, then stops it as Running.Shutdown does, within DrainTimeout. It returns
// nil if all connections were done in time.
func (s *Server) ListenAndServe(ctx context.Context) error {
	r, err := s.Start(ctx)
	if err != nil {
		return err
	}
	<-ctx.Done()
	patience := s.DrainTimeout
	if patience == 0 {
		patience = DefaultDrainTimeout
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), max(patience, 0))
	defer cancel()
	return r.Shutdown(drain)
}

// Start makes the server listen and returns. ctx bounds the look-up of names only.
func (s *Server) Start(ctx context.Context) (*Running, error) {
	if s.Accept == nil {
		return nil, ErrNoAccept
	}
	group, own, err := groupFor(s.Group, s.Engine, engine.Config{
		Loops: s.Loops, Pool: s.Pool, Logger: s.Logger, Spin: s.Spin, PinLoops: s.PinLoops,
	})
	if err != nil {
		return nil, err
	}
	opts := channel.Options{Marks: s.Marks, Linger: s.Linger, FlushTimeout: s.FlushTimeout, HalfOpen: s.HalfOpen, Closing: logCause(logger(s.Logger))}
	ln, err := group.Listen(ctx, engine.ListenConfig{
		Network: cmp.Or(s.Network, "tcp"), Addr: cmp.Or(s.Addr, ":0"), Accept: s.Accept, Options: opts.Prepare(),
		ReusePort: s.ReusePort, Steer: s.Steer, MaxConns: maxConns(s.MaxConns), Socket: s.Socket,
	})
	if err != nil {
		if own {
			err = errors.Join(err, group.Close())
		}
		return nil, err
	}
	logger(s.Logger).Info("listening on " + ln.Addr().String())
	return &Running{ln, group, own}, nil
}

// A Running server accepts connections.
type Running struct {
	listener engine.Listener
	group    engine.Group
	own      bool
}

// Addr returns the address that the server listens on.
func (r *Running) Addr() net.Addr { return r.listener.Addr() }

// Conns returns the number of open connections.
func (r *Running) Conns() int { return r.listener.Conns() }

// Stats returns how often the server's loops have called the system. With a shared Group that includes the calls for
// others.
func (r *Running) Stats() engine.Stats { return r.group.Stats() }

// SampleTCP tells how the connections of the server's loops fare, see engine.Sampler. With a shared Group those of others are
// among them. With an engine that cannot tell the error is engine.ErrUnsupported. It must not be called on a loop.
func (r *Running) SampleTCP(ctx context.Context, most int) (engine.TCPSample, error) {
	if s, ok := r.group.(engine.Sampler); ok {
		return s.SampleTCP(ctx, most)
	}
	return engine.TCPSample{}, engine.ErrUnsupported
}

// Group returns the server's loops, for clients that share them.
func (r *Running) Group() engine.Group { return r.group }

// Shutdown stops accepting, lets each channel deliver what was received and send what was queued, and closes it. When ctx
// ends first the rest is aborted and ctx's error returned. When Shutdown returns no channel of the server is left, and its
// loops have ended unless they are shared.
func (r *Running) Shutdown(ctx context.Context) error {
	err := r.listener.Drain(ctx)
	if r.own {
		err = errors.Join(err, r.group.Close())
	}
	return err
}

// logCause returns what is called with every channel that closes: it logs those that close because of an error.
func logCause(log *slog.Logger) func(*channel.Channel, error) {
	return func(ch *channel.Channel, cause error) {
		if cause == nil || errors.Is(cause, channel.ErrShutdown) {
			return
		}
		level := slog.LevelWarn
		var op *channel.OpError
		if errors.As(cause, &op) && !errors.Is(cause, io.ErrUnexpectedEOF) && !errors.Is(cause, channel.ErrFileShrank) {
			level = slog.LevelDebug // the peer's, or the network's, affair
		}
		var own interface{ LogLevel() slog.Level }
		if errors.As(cause, &own) {
			level = own.LogLevel()
		}
		if ctx := context.Background(); log.Enabled(ctx, level) {
			log.Log(ctx, level, "connection closed", "peer", ch.RemoteAddr(), "error", cause)
		}
	}
}
