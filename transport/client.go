package transport

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// DefaultDialTimeout bounds a Dial of a Client whose Timeout is zero.
const DefaultDialTimeout = 30 * time.Second

// A Client makes connections and opens a channel on each. Its fields must not change after the first Dial.
type Client struct {
	// Group is a running group of loops to share, such as that of a server. If it is set, Engine, Loops and Pool have no
	// effect, and the group stays when the client is closed.
	Group engine.Group
	// Engine, Loops and Pool are as in Server. One loop is the default.
	Engine engine.Engine
	Loops  int
	Pool   *buffer.Pool
	// Spin and PinLoops are as in Server.
	Spin     time.Duration
	PinLoops bool

	// Timeout bounds each Dial. Zero means DefaultDialTimeout, negative means that only the context does.
	Timeout time.Duration
	// Marks, Linger, FlushTimeout, HalfOpen, Socket and Logger are as in Server, except that a client goes on reading when its queue
	// is above Marks.High: see channel.Options.KeepReading. Those who send more than they are answered look at
	// Channel.Writable.
	Marks        channel.Watermark
	Linger       time.Duration
	FlushTimeout time.Duration
	HalfOpen     bool
	Socket       engine.SocketOptions
	Logger       *slog.Logger

	mu      sync.Mutex
	started bool // or closed before that
	group   engine.Group
	opts    *channel.Options
	err     error
}

// Dial connects to addr and opens a channel, whose sink open makes on the channel's loop; pipeline.New returns such a
// function. It returns when the channel is open. It must not be called on a loop, which it would block. The arguments
// network and addr are those of net.Dial.
func (c *Client) Dial(ctx context.Context, network, addr string, open func(*channel.Channel) channel.Sink) (channel.Remote, error) {
	return c.DialOn(ctx, nil, network, addr, open)
}

// DialOn is Dial for a channel that shall run on a certain loop of the shared Group: that of the channel that it works
// for, so that the two may call each other.
func (c *Client) DialOn(ctx context.Context, loop *channel.Loop, network, addr string, open func(*channel.Channel) channel.Sink) (channel.Remote, error) {
	if open == nil {
		return channel.Remote{}, ErrNoAccept
	}
	group, opts, err := c.prepare()
	if err != nil {
		return channel.Remote{}, err
	}
	patience := c.Timeout
	if patience == 0 {
		patience = DefaultDialTimeout
	}
	if patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	return group.Dial(ctx, engine.DialConfig{
		Network: network, Addr: addr, Open: open, Options: opts, Loop: loop, Socket: c.Socket,
	})
}

// prepare starts the group when it is first needed.
func (c *Client) prepare() (engine.Group, *channel.Options, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.started {
		c.started = true
		opts := channel.Options{Marks: c.Marks, Linger: c.Linger, FlushTimeout: c.FlushTimeout, HalfOpen: c.HalfOpen, KeepReading: true, Closing: logCause(logger(c.Logger))}
		c.opts = opts.Prepare()
		loops := c.Loops
		if loops == 0 {
			loops = 1
		}
		c.group, _, c.err = groupFor(c.Group, c.Engine, engine.Config{
			Loops: loops, Pool: c.Pool, Logger: c.Logger, Spin: c.Spin, PinLoops: c.PinLoops,
		})
	}
	return c.group, c.opts, c.err
}

// running returns the group, nil if there is none.
func (c *Client) running() engine.Group {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.group
}

// Stats returns how often the client's loops have called the system. With a shared Group that includes the calls for others.
func (c *Client) Stats() engine.Stats {
	if g := c.running(); g != nil {
		return g.Stats()
	}
	return engine.Stats{}
}

// Close closes the client's channels in order, aborts those that are left when ctx ends, and stops the loops. With a shared
// Group the channels belong to the group, and stay. A closed client does not dial.
func (c *Client) Close(ctx context.Context) error {
	c.mu.Lock()
	g := c.group
	c.started, c.err = true, channel.ErrClosed
	c.mu.Unlock()
	if g == nil || c.Group != nil {
		return nil
	}
	return errors.Join(g.Drain(ctx), g.Close())
}
