//go:build linux

package transport

import (
	"context"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
	"github.com/ropewalk/ropewalk/channel"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// echo is a sink that sends back what it gets. A line "fail" makes it return errBad.
type echo struct{ ch *channel.Channel }

func newEcho(*channel.Channel) channel.Sink { return new(echo) }

func (s *echo) Open(ch *channel.Channel) error { s.ch = ch; return nil }
func (s *echo) ReadDone() error                { return nil }
func (s *echo) EOF() error                     { return nil }
func (s *echo) Writable() error                { return nil }
func (s *echo) Closed(error)                   {}

func (s *echo) Read(b *buffer.Buf) error {
	if b.HasPrefix([]byte("fail")) {
		b.Release()
		return errBad
	}
	return s.ch.Write(b)
}

// journal is a log that tests can read.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// logger returns a logger of all levels.
func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// start runs a server on a free port of 127.0.0.1, with a pool of its own, until the test ends.
func start(t *testing.T, s *Server) *Running {
	t.Helper()
	pool := buffertest.Pool(t)
	if s.Group == nil {
		s.Pool = pool
	}
	if s.Addr == "" {
		s.Addr = "127.0.0.1:0"
	}
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	r, err := s.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Shutdown(over()) })
	return r
}

// over returns a context that has ended: what is open is aborted.
func over() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// connect returns a peer.
func connect(t *testing.T, addr net.Addr) net.Conn {
	t.Helper()
	c, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return c
}

// ping fails unless the peer's line comes back.
func ping(t *testing.T, c net.Conn) {
	t.Helper()
	if _, err := io.WriteString(c, "ping"); err != nil {
		t.Fatal(err)
	}
	var got [4]byte
	if _, err := io.ReadFull(c, got[:]); err != nil || string(got[:]) != "ping" {
		t.Fatalf("got %q and error %v, want an echo", got, err)
	}
}

// eventually waits for what nobody reports.
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

func await[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case v := <-c:
		return v
	case <-timer.C:
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}
