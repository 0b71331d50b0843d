package std

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// patience only matters when a test fails.
const patience = 20 * time.Second

// startGroup starts a group of one loop on a pool of its own, and checks at the end that nothing is left.
func startGroup(t *testing.T, e Engine) (*engineGroup, *buffer.Pool) {
	t.Helper()
	pool := new(buffer.Pool)
	g, err := e.Start(engine.Config{Loops: 1, Pool: pool})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Errorf("Group.Close: %v", err)
		}
		if n := pool.Live(); n != 0 {
			t.Errorf("%d buffers were not released", n)
		}
		if err := pool.Close(); err != nil {
			t.Errorf("Pool.Close: %v", err)
		}
	})
	return g.(*engineGroup), pool
}

// echo is a sink that sends back what it gets, and tells how it was closed.
type echo struct {
	ch     *channel.Channel
	mute   bool // it drops what it gets
	closed chan error
}

func newEcho() *echo { return &echo{closed: make(chan error, 1)} }

func (s *echo) Open(ch *channel.Channel) error { s.ch = ch; return nil }
func (s *echo) Read(b *buffer.Buf) error {
	if s.mute {
		b.Release()
		return nil
	}
	return s.ch.Write(b)
}
func (s *echo) ReadDone() error    { return nil }
func (s *echo) EOF() error         { return nil }
func (s *echo) Writable() error    { return nil }
func (s *echo) Closed(cause error) { s.closed <- cause }

// cause waits until the channel is closed, and returns why.
func (s *echo) cause(t *testing.T) error {
	t.Helper()
	select {
	case err := <-s.closed:
		return err
	case <-time.After(patience):
		t.Fatal("the channel was not closed")
		return nil
	}
}

// dialConn opens a channel on a connection.
func dialConn(t *testing.T, nc net.Conn, s channel.Sink, o channel.Options) (*engineGroup, channel.Remote) {
	t.Helper()
	g, _ := startGroup(t, Engine{Dial: func(context.Context, string, string) (net.Conn, error) { return nc, nil }})
	r, err := g.Dial(context.Background(), engine.DialConfig{
		Network: "own", Open: func(*channel.Channel) channel.Sink { return s }, Options: o.Prepare(),
	})
	if err != nil {
		t.Fatalf("Dial: %v", err)
	}
	return g, r
}

// pipes is a network of net.Pipe.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	ended chan struct{}
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), ended: make(chan struct{})} }

func (p *pipes) dial() (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.ended:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.ended:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.ended) }); return nil }
func (p *pipes) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
