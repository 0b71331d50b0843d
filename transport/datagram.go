package transport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// Datagrams is a server of packets (UDP). Its fields must not change once it runs.
//
// Every loop has a socket of its own at the address, and the kernel gives a packet to one of them by the addresses of both sides
// (SO_REUSEPORT, socket(7)). So packets of a peer come to one socket, and what a sink knows of its peers needs no lock; but which one
// that is changes when the number of sockets does, and a peer that changes its address, as a phone does, comes to another one. A
// protocol that knows its peers by something else than their address wants Single.
type Datagrams struct {
	// Network is "udp", "udp4" or "udp6"; empty means "udp".
	Network string
	// Addr is the address to receive at, as for net.ListenPacket. Empty means ":0", any port.
	Addr string
	// Accept makes the sink of each socket, on its loop. New of package pipeline/datagram returns such a function. It is required.
	Accept func(*datagram.Socket) datagram.Sink

	// Group is a running group of loops to share. If it is set, Engine, Loops and Pool have no effect, and the group stays
	// when the server stops. It must be an engine.DatagramGroup.
	Group engine.Group
	// Engine makes the loops. Nil means the best for this system.
	Engine engine.Engine
	// Loops is the number of event loops. Zero means runtime.GOMAXPROCS.
	Loops int
	// Pool makes the buffers. Nil means buffer.Default.
	Pool *buffer.Pool
	// Single opens one socket, on the first loop, instead of one on every loop.
	Single bool

	// Marks bounds the bytes that are queued on a socket, and MaxPackets the packets. Zero fields mean 32 KiB, 64 KiB and 16 MiB, and
	// datagram.DefaultMaxPackets.
	Marks      channel.Watermark
	MaxPackets int
	// FlushTimeout is how long a closing socket waits for the system to take some more of what is queued. Zero means 5 s, negative
	// means for ever.
	FlushTimeout time.Duration
	// Socket are options of the sockets, and the multicast groups that they are to join.
	Socket engine.DatagramOptions

	// DrainTimeout is how long a stopping server waits for its sockets. Zero means DefaultDrainTimeout, negative means
	// not at all.
	DrainTimeout time.Duration
	// Logger is told where the server receives, and of sockets that closed because of an error. Nil means slog.Default.
	Logger *slog.Logger
}

// ListenAndServe runs the server until ctx ends, then stops it as RunningDatagrams.Shutdown does, within DrainTimeout. It
// returns nil if all sockets were done in time. If no socket is left before that, it returns why the first one closed.
func (s *Datagrams) ListenAndServe(ctx context.Context) error {
	r, err := s.Start(ctx)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-r.Done():
	}
	patience := s.DrainTimeout
	if patience == 0 {
		patience = DefaultDrainTimeout
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), max(patience, 0))
	defer cancel()
	early := ctx.Err() == nil
	err = r.Shutdown(drain)
	if early {
		err = errors.Join(r.listener.Err(), err)
	}
	return err
}

// Start opens the sockets and returns. ctx bounds the look-up of names only.
func (s *Datagrams) Start(ctx context.Context) (*RunningDatagrams, error) {
	if s.Accept == nil {
		return nil, ErrNoAccept
	}
	group, own, err := groupFor(s.Group, s.Engine, engine.Config{Loops: s.Loops, Pool: s.Pool, Logger: s.Logger})
	if err != nil {
		return nil, err
	}
	fail := func(err error) (*RunningDatagrams, error) {
		if own {
			err = errors.Join(err, group.Close())
		}
		return nil, err
	}
	packets, err := packetGroup(group)
	if err != nil {
		return fail(err)
	}
	opts := datagram.Options{Marks: s.Marks, MaxPackets: s.MaxPackets, FlushTimeout: s.FlushTimeout, Closing: logSocket(logger(s.Logger))}
	ln, err := packets.ListenDatagrams(ctx, engine.DatagramConfig{
		Network: cmp.Or(s.Network, "udp"), Addr: cmp.Or(s.Addr, ":0"), Accept: s.Accept, Options: opts.Prepare(), Single: s.Single, Socket: s.Socket,
	})
	if err != nil {
		return fail(err)
	}
	logger(s.Logger).Info("listening on " + ln.Addr().String() + " for datagrams")
	return &RunningDatagrams{ln, group, own}, nil
}

// packetGroup returns a group as one that has sockets for packets.
func packetGroup(g engine.Group) (engine.DatagramGroup, error) {
	if p, ok := g.(engine.DatagramGroup); ok {
		return p, nil
	}
	return nil, fmt.Errorf("transport: sockets for datagrams on a %T: %w", g, engine.ErrUnsupported)
}

// logSocket returns what is called with every socket that closes.
func logSocket(log *slog.Logger) func(*datagram.Socket, error) {
	return func(s *datagram.Socket, cause error) {
		if cause != nil && !errors.Is(cause, channel.ErrShutdown) {
			log.Warn("socket for datagrams closed", "local", s.Local().String(), "error", cause)
		}
	}
}

// A RunningDatagrams is a server of packets that runs. Its methods may be called by any goroutine.
type RunningDatagrams struct {
	listener engine.DatagramListener
	group    engine.Group
	own      bool
}

// Addr returns the address that packets are received at.
func (r *RunningDatagrams) Addr() net.Addr { return r.listener.Addr() }

// Remotes returns the sockets, one for each loop, for goroutines that send of their own accord. Which one sends makes no difference
// to the receiver.
func (r *RunningDatagrams) Remotes() []datagram.Remote { return r.listener.Remotes() }

// Counts returns how many packets came, left and were lost, as of the last bursts.
func (r *RunningDatagrams) Counts() datagram.Stats { return r.listener.Stats() }

// Stats returns how often the server's loops have called the system. With a shared Group that includes the calls for
// others.
func (r *RunningDatagrams) Stats() engine.Stats { return r.group.Stats() }

// Group returns the server's loops, for others that share them.
func (r *RunningDatagrams) Group() engine.Group { return r.group }

// Done returns a channel that is closed when no socket is left.
func (r *RunningDatagrams) Done() <-chan struct{} { return r.listener.Done() }

// Shutdown delivers what was received, sends the answers, and closes the sockets. When ctx ends first the rest is aborted and ctx's error
// returned. When Shutdown returns no socket is left, and the loops have ended unless they are shared.
func (r *RunningDatagrams) Shutdown(ctx context.Context) error {
	err := r.listener.Drain(ctx)
	if r.own {
		err = errors.Join(err, r.group.Close())
	}
	return err
}
