package gnet

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"time"

	gnetv2 "github.com/panjf2000/gnet/v2"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// A Handler is a gnet.EventHandler that runs a channel on each connection: for programs that call gnet.Run or gnet.Rotate
// themselves, with TCP or Unix sockets. Its fields must not change when gnet runs. One Handler serves one run.
//
//	handler := &gnet.Handler{Accept: pipeline.New(stages)}
//	err := gnetv2.Run(handler, "tcp://:9000", gnetv2.WithMulticore(true))
//
// A program with other events of its own embeds it, and calls its methods from those that it overrides. What gnet decides is
// gnet's: listening, balancing, options of sockets, and that it ends when it has no descriptor for a connection. The context of
// connections (Conn.Context) belongs to the Handler; Conn.SafeContext does not. Nobody else may read from a connection or write to it.
//
// When gnet is stopped (Engine.Stop) channels are aborted with channel.ErrShutdown, and calls that wait for their loops are answered. If
// a handler that embeds this one returns gnet.Shutdown instead, the loop that it runs on ends without that.
type Handler struct {
	// Accept makes the sink of a new channel, on its loop. If it returns nil the connection is closed. It is required.
	Accept func(*channel.Channel) channel.Sink
	// Options are those of the channels.
	Options channel.Options
	// Pool makes the buffers. Nil means buffer.Default.
	Pool *buffer.Pool
	// Logger is told about panics. Nil means slog.Default.
	Logger *slog.Logger
	// ReadAhead is as in Engine.
	ReadAhead int

	mu    sync.Mutex
	opts  *channel.Options
	loops map[gnetv2.EventLoop]*loop
	over  bool
}

var _ gnetv2.EventHandler = (*Handler)(nil)

// OnBoot implements gnet.EventHandler. It panics if Accept is nil.
func (h *Handler) OnBoot(gnetv2.Engine) gnetv2.Action {
	if h.Accept == nil {
		panic("gnet: a Handler needs Accept")
	}
	return gnetv2.None
}

// OnShutdown implements gnet.EventHandler. It aborts all channels; gnet's loops do that before they end.
func (h *Handler) OnShutdown(gnetv2.Engine) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.over = true
	for _, l := range h.loops {
		l.insist(func(err error) {
			if err == nil {
				l.stopping = true
			}
		})
	}
}

// OnOpen implements gnet.EventHandler.
func (h *Handler) OnOpen(gc gnetv2.Conn) ([]byte, gnetv2.Action) {
	l := h.loopOf(gc.EventLoop())
	if l == nil {
		return nil, gnetv2.Close
	}
	if _, back := gc.Context().(*conn); !back {
		c := &conn{local: localAddr(gc), remote: remoteAddr(gc)}
		if _, ok := c.local.(*net.TCPAddr); ok {
			c.flags |= isTCP
		}
		l.conns.Add(1)
		gc.SetContext(&entry{conn: c, accept: h.Accept, opts: h.opts})
	}
	return nil, l.onOpen(gc)
}

// loopOf returns our side of a loop, which calls us. It is nil after OnShutdown.
func (h *Handler) loopOf(events gnetv2.EventLoop) *loop {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l := h.loops[events]; l != nil || h.over {
		return l
	}
	if h.loops == nil {
		h.loops = make(map[gnetv2.EventLoop]*loop)
		h.opts = h.Options.Prepare()
	}
	pool := h.Pool
	if pool == nil {
		pool = buffer.Default
	}
	l := newLoop(events, pool, h.Logger, nil, readAhead(h.ReadAhead))
	l.enroll = func(c *conn, nc net.Conn) error {
		result, err := events.Enroll(gnetv2.NewContext(context.Background(), c), nc)
		if err != nil {
			nc.Close()
			return err
		}
		select {
		case r := <-result:
			return r.Err
		case <-l.done:
			return channel.ErrClosed
		}
	}
	h.loops[events] = l
	return l
}

// OnTraffic implements gnet.EventHandler.
func (h *Handler) OnTraffic(gc gnetv2.Conn) gnetv2.Action {
	if c, ok := gc.Context().(*conn); ok {
		return c.loop().onTraffic(c, gc)
	}
	return gnetv2.Close
}

// OnClose implements gnet.EventHandler.
func (h *Handler) OnClose(gc gnetv2.Conn, err error) gnetv2.Action {
	if c, ok := gc.Context().(*conn); ok && c.gc == gc {
		c.loop().onClose(c, gc, err)
	}
	return gnetv2.None
}

// OnTick implements gnet.EventHandler. It does nothing, rarely.
func (h *Handler) OnTick() (time.Duration, gnetv2.Action) { return time.Hour, gnetv2.None }

// remoteAddr returns a copy of the peer's address that stays when gnet has released its own.
func remoteAddr(gc gnetv2.Conn) net.Addr { return clone(gc.RemoteAddr()) }
