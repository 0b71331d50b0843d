package gnet

import (
	"context"
	"log/slog"
	"math"
	"net"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// sink sends back what it gets, and tells when it is opened and closed.
type sink struct {
	ch     *channel.Channel
	remote channel.Remote
	opened chan struct{}
	closed chan error
	onEOF  func(*sink) error
}

func newSink() *sink { return &sink{opened: make(chan struct{}), closed: make(chan error, 1)} }

func (s *sink) Open(ch *channel.Channel) error {
	s.ch, s.remote = ch, ch.Remote()
	close(s.opened)
	return nil
}

func (s *sink) Read(b *buffer.Buf) error { return s.ch.Write(b) }
func (s *sink) ReadDone() error          { return nil }
func (s *sink) Writable() error          { return nil }
func (s *sink) Closed(cause error)       { s.closed <- cause }

func (s *sink) EOF() error {
	if s.onEOF != nil {
		return s.onEOF(s)
	}
	return nil
}

// do runs f on the loop of the sink.
func (s *sink) do(t *testing.T, f func(*conn)) {
	t.Helper()
	ran := make(chan error, 1)
	s.remote.Do(func(ch *channel.Channel, err error) {
		if err == nil {
			for _, c := range ch.Loop().Engine.(*loop).all {
				if &c.Channel == ch {
					f(c)
				}
			}
		}
		ran <- err
	})
	if err := await(t, "a call on the loop", ran); err != nil {
		t.Fatal(err)
	}
}

func await[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(patience); !cond(); <-ticker.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// quiet is for what is expected to fail.
var quiet = slog.New(slog.DiscardHandler)

// start starts a group of one loop, with a pool of its own, until the test ends.
func start(t *testing.T, e Engine) engine.Group {
	t.Helper()
	g, err := e.Start(engine.Config{Loops: 1, Pool: buffertest.Pool(t), Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// serve listens, and returns what connects and gives both sides.
func serve(t *testing.T, g engine.Group, o engine.SocketOptions, accept func(*channel.Channel) channel.Sink) func() *net.TCPConn {
	t.Helper()
	ln, err := g.Listen(context.Background(), engine.ListenConfig{
		Network: "tcp", Addr: "127.0.0.1:0", Accept: accept, Options: channel.Options{}.Prepare(), MaxConns: math.MaxInt, Socket: o,
	})
	if err != nil {
		t.Fatal(err)
	}
	return func() *net.TCPConn { return dial(t, ln.Addr().Network(), ln.Addr().String()).(*net.TCPConn) }
}

// dial connects to an address, until the test ends.
func dial(t *testing.T, network, addr string) net.Conn {
	t.Helper()
	p, err := net.Dial(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	p.SetDeadline(time.Now().Add(patience))
	t.Cleanup(func() { p.Close() })
	return p
}

// pair returns both sides of a connection.
func pair(t *testing.T, g engine.Group, o engine.SocketOptions) (*net.TCPConn, *sink) {
	t.Helper()
	s := newSink()
	p := serve(t, g, o, func(*channel.Channel) channel.Sink { return s })()
	await(t, "Open", s.opened)
	return p, s
}

// pattern returns n bytes that do not repeat soon.
func pattern(n int) []byte {
	p := make([]byte, n)
	x := uint64(n) | 1
	for i := range p {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		p[i] = byte(x >> 32)
	}
	return p
}
