package nethttp

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"path"
	"runtime"
	"strings"
	"sync"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/pipeline"
)

// A Server serves requests by an http.Handler, whose ServeHTTP runs on a goroutine. One value serves any number of
// channels on any number of loops; its fields must not change after the first call of Stage. The zero value is ready to use.
type Server struct {
	// Handler handles the requests. Nil means http.DefaultServeMux.
	Handler http.Handler
	// Handlers is how many requests are handled at a time. Those that come beyond wait in order, and their connections with
	// them. A request whose connection was hijacked does not count. Zero means 8192, negative means no limit.
	Handlers int
	// Window is how many bytes of each body, in either direction, wait for a handler or for the loop before the other side
	// does: 256 KiB if it is not positive. With a quarter of it large bodies cost twice as much.
	Window int
	// Context is that of all requests: theirs are derived from it. Nil means context.Background.
	Context context.Context
	// Logger is told of panics of handlers, and of mistakes that net/http would log. Nil means slog.Default.
	Logger *slog.Logger

	once    sync.Once
	base    context.Context
	window  int
	workers workers
}

const (
	defaultHandlers = 8192
	defaultWindow   = 256 << 10
)

// Stage returns a last stage for one channel, behind that of an http1.Server with Stream.
func (s *Server) Stage() pipeline.Stage {
	s.once.Do(func() {
		if s.base = s.Context; s.base == nil {
			s.base = context.Background()
		}
		// Code that looks for it wants to know whether ErrAbortHandler will be recovered, as httputil.ReverseProxy does.
		s.base = context.WithValue(s.base, http.ServerContextKey, &http.Server{Handler: s.Handler})
		if s.window = s.Window; s.window <= 0 {
			s.window = defaultWindow
		}
		if s.workers.limit = s.Handlers; s.Handlers == 0 {
			s.workers.limit = defaultHandlers
		}
	})
	return &bridge{server: s}
}

// Accept returns the function that makes the pipeline of a channel, for transport.Server.Accept: an http1.Server that
// streams bodies of any size, and this one behind it. Those who want other limits or further stages use Stage.
func (s *Server) Accept() func(*channel.Channel) channel.Sink {
	protocol := &http1.Server{Stream: true, Limits: http1.Limits{Body: -1}}
	return pipeline.New(func() []pipeline.Stage { return []pipeline.Stage{protocol.Stage(), s.Stage()} })
}

// Serve is Server.Accept of a server whose other fields are zero.
func Serve(h http.Handler) func(*channel.Channel) channel.Sink { return (&Server{Handler: h}).Accept() }

func (s *Server) log() *slog.Logger {
	if s.Logger == nil {
		return slog.Default()
	}
	return s.Logger
}

// warn logs a mistake of a handler, and where it was made.
func (s *Server) warn(text string, args ...any) {
	var callers [16]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
	for frame, more := frames.Next(); ; frame, more = frames.Next() {
		if !strings.Contains(frame.Function, "codec/http1/nethttp.") {
			s.log().Warn(text, append(args, "caller", frame.Function, "file", path.Base(frame.File), "line", frame.Line)...)
			return
		}
		if !more {
			s.log().Warn(text, args...)
			return
		}
	}
}

// A connection is what the requests of one connection share.
type connection struct {
	ctx   context.Context
	peer  string // its address, as text
	addr  net.Addr
	local net.Addr
	pool  *buffer.Pool
}

func newConnection(ctx context.Context, ch *channel.Channel) *connection {
	c := &connection{local: ch.LocalAddr(), addr: ch.RemoteAddr(), pool: ch.Cache().Pool()}
	c.ctx = context.WithValue(ctx, http.LocalAddrContextKey, c.local)
	if c.addr != nil {
		c.peer = c.addr.String()
	}
	return c
}

// bridge is the stage of one connection.
type bridge struct {
	http1.Ctx
	server *Server
	conn   *connection // from the first request on
	call   *response   // that was not answered yet
	last   *response   // that came last
	ended  bool        // the peer has ended its stream
}

// Read has a request handled.
func (b *bridge) Read(r *http1.Request) error {
	ch := b.Channel()
	if b.conn == nil {
		b.conn = newConnection(b.server.base, ch)
	}
	w := &response{server: b.server, bridge: b, conn: b.conn, remote: ch.Remote(), in: r, head: headOf(r), length: -1}
	w.out.init(w.remote, b.conn.pool, b.server.window, w)
	b.call = w
	if w.head.length != 0 {
		w.body = newInlet(w.remote, b.server.window)
		w.expect = w.head.minor > 0 && r.Header.Has("Expect")
		w.body.want = func() { w.remote.Do(w.ask) }
		if !w.expect {
			w.body.want = nil
			w.asked = true
			r.OnBody(w.receive)
		}
	}
	w.submitBehind(b.last)
	b.last = w
	return nil
}

// EOF ends the context of a request whose client may be gone. It is answered all the same.
func (b *bridge) EOF() error {
	b.ended = true
	if w := b.call; w != nil {
		ended := true
		if w.body != nil {
			_, ended = w.body.unread(0)
		}
		if ended {
			w.leave(false)
		}
	}
	return nil
}

// Closed tells the handler.
func (b *bridge) Closed(cause error) {
	if w := b.call; w != nil {
		b.call = nil
		w.fail(cause)
	}
}
