package std

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// odd is a connection that does what a net.Conn may do, and a little more.
type odd struct {
	net.Conn
	reads  []func(p []byte) (int, error) // in order; the last one again and again
	write  func(p []byte) (int, error)
	mu     sync.Mutex
	closed chan struct{}
	once   sync.Once
}

func newOdd(reads ...func([]byte) (int, error)) *odd {
	return &odd{reads: reads, closed: make(chan struct{}), write: func(p []byte) (int, error) { return len(p), nil }}
}

func (c *odd) Read(p []byte) (int, error) {
	c.mu.Lock()
	f := c.reads[0]
	if len(c.reads) > 1 {
		c.reads = c.reads[1:]
	}
	c.mu.Unlock()
	return f(p)
}
func (c *odd) Write(p []byte) (int, error) { return c.write(p) }
func (c *odd) Close() error                { c.once.Do(func() { close(c.closed) }); return nil }
func (c *odd) LocalAddr() net.Addr         { return pipeAddr{} }
func (c *odd) RemoteAddr() net.Addr        { return pipeAddr{} }

func (c *odd) block([]byte) (int, error) { <-c.closed; return 0, net.ErrClosed }

func text(s string) func([]byte) (int, error) {
	return func(p []byte) (int, error) { return copy(p, s), nil }
}

var errOdd = errors.New("odd")

func TestDataWithEnd(t *testing.T) {
	var got []byte
	c := newOdd(func(p []byte) (int, error) { return copy(p, "all of it"), io.EOF })
	c.write = func(p []byte) (int, error) { got = append(got, p...); return len(p), nil }
	s := newEcho()
	dialConn(t, c, s, channel.Options{})
	if err := s.cause(t); err != nil {
		t.Errorf("cause %v, want nil", err)
	}
	if string(got) != "all of it" {
		t.Errorf("%q was sent back", got)
	}
}

func TestDataWithError(t *testing.T) {
	s := newEcho()
	s.mute = true
	dialConn(t, newOdd(func(p []byte) (int, error) { return copy(p, "some"), errOdd }), s, channel.Options{})
	var op *channel.OpError
	if err := s.cause(t); !errors.Is(err, errOdd) || !errors.As(err, &op) || op.Op != "read" {
		t.Errorf("cause %v, want that of Read", err)
	}
}

func TestShortWrites(t *testing.T) {
	var got []byte
	done := make(chan struct{})
	c := newOdd(text("short writes"))
	c.reads = append(c.reads, c.block)
	c.write = func(p []byte) (int, error) {
		n := min(len(p), 5)
		if got = append(got, p[:n]...); len(got) == len("short writes") {
			close(done)
		}
		return n, nil
	}
	_, r := dialConn(t, c, newEcho(), channel.Options{})
	<-done
	r.Close(nil)
	if string(got) != "short writes" {
		t.Errorf("%q was sent", got)
	}
}

func TestBadWrites(t *testing.T) {
	for name, test := range map[string]struct {
		write func(p []byte) (int, error)
		want  error
	}{
		"error":       {func(p []byte) (int, error) { return 2, errOdd }, errOdd},
		"no progress": {func(p []byte) (int, error) { return 0, nil }, io.ErrNoProgress},
		"too many":    {func(p []byte) (int, error) { return len(p) + 1, nil }, errBadCount},
		"negative":    {func(p []byte) (int, error) { return -1, nil }, errBadCount},
	} {
		t.Run(name, func(t *testing.T) {
			c := newOdd(text("hello"))
			c.reads = append(c.reads, c.block)
			c.write = test.write
			s := newEcho()
			dialConn(t, c, s, channel.Options{})
			var op *channel.OpError
			if err := s.cause(t); !errors.Is(err, test.want) || !errors.As(err, &op) || op.Op != "write" {
				t.Errorf("cause %v, want %v of write", err, test.want)
			}
		})
	}
}

// TestBlockedWrite has a connection whose Write does not return: its channel is ended all the same, and others of the loop
// are served meanwhile.
func TestBlockedWrite(t *testing.T) {
	c := newOdd(text("hello"))
	c.reads = append(c.reads, c.block)
	entered := make(chan struct{})
	c.write = func(p []byte) (int, error) { close(entered); return c.block(p) }
	s := newEcho()
	g, r := dialConn(t, c, s, channel.Options{FlushTimeout: 20 * time.Millisecond})
	<-entered
	ran := make(chan struct{})
	g.loops[0].Do(func(error) { close(ran) })
	<-ran
	r.Close(nil)
	if err := s.cause(t); err != channel.ErrFlushTimeout {
		t.Errorf("cause %v, want ErrFlushTimeout", err)
	}
}

// moody is a listener that fails a few times before each connection.
type moody struct {
	*pipes
	mu    sync.Mutex
	fails int
}

func (m *moody) Accept() (net.Conn, error) {
	m.mu.Lock()
	m.fails++
	fail := m.fails%3 != 0
	m.mu.Unlock()
	if fail {
		return nil, errOdd
	}
	return m.pipes.Accept()
}

func TestMoodyListener(t *testing.T) {
	m := &moody{pipes: newPipes()}
	g, _ := startGroup(t, Engine{Listen: func(context.Context, string, string) (net.Listener, error) { return m, nil }})
	ln, err := g.Listen(context.Background(), engine.ListenConfig{
		Network: "pipe", Options: channel.Options{}.Prepare(), MaxConns: 10, Accept: func(*channel.Channel) channel.Sink { return newEcho() },
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		c, err := m.dial()
		if err != nil {
			t.Fatal(err)
		}
		ping(t, c)
		c.Close()
	}
	if err := ln.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// ping checks that the other side echoes.
func ping(t *testing.T, c net.Conn) {
	t.Helper()
	c.SetDeadline(time.Now().Add(patience))
	var got [4]byte
	_, err := c.Write([]byte("ping"))
	if err == nil {
		_, err = io.ReadFull(c, got[:])
	}
	if err != nil || string(got[:]) != "ping" {
		t.Fatalf("got %q and error %v", got, err)
	}
}

// TestNothingReturned has functions that return neither what they should nor an error.
func TestNothingReturned(t *testing.T) {
	g, _ := startGroup(t, Engine{
		Listen: func(context.Context, string, string) (net.Listener, error) { return nil, nil },
		Dial:   func(context.Context, string, string) (net.Conn, error) { return nil, nil },
	})
	if _, err := g.Listen(context.Background(), engine.ListenConfig{}); err == nil {
		t.Errorf("Listen: no error")
	}
	if _, err := g.Dial(context.Background(), engine.DialConfig{}); err == nil {
		t.Errorf("Dial: no error")
	}
}
