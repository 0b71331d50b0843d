package transporttest

import (
	"context"
	"math"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// setup is what a case may set of a listener. The zero value is a TCP listener on any port of 127.0.0.1.
type setup struct {
	network, addr string
	options       channel.Options
	socket        engine.SocketOptions
	reusePort     bool
	maxConns      int
}

func (c setup) config(w *world, accept func(*channel.Channel) channel.Sink) engine.ListenConfig {
	if c.network == "" {
		c.network = "tcp"
	}
	if c.addr == "" {
		c.addr = "127.0.0.1:0"
	}
	if c.maxConns == 0 {
		c.maxConns = math.MaxInt
	}
	return engine.ListenConfig{
		Network: c.network, Addr: c.addr, Accept: accept, Options: c.options.Prepare(),
		ReusePort: c.reusePort, MaxConns: c.maxConns, Socket: c.socket,
	}
}

// A server is a listener and the sinks of its connections.
type server struct {
	engine.Listener
	w     *world
	sinks chan *sink // in the order in which they were made
}

// listen starts a server whose sinks make returns; a nil one refuses the connection.
func (w *world) listen(c setup, make_ func() *sink) *server {
	w.Helper()
	s := &server{w: w, sinks: make(chan *sink, 4096)}
	ln, err := w.start().Listen(context.Background(), c.config(w, func(*channel.Channel) channel.Sink {
		if si := make_(); si != nil {
			s.sinks <- si
			return si
		}
		return nil
	}))
	if err != nil {
		w.Fatalf("Group.Listen: %v", err)
	}
	s.Listener = ln
	return s
}

// dial returns the other side of a new connection.
func (s *server) dial() *peer {
	s.w.Helper()
	return s.w.dialPeer(s.Addr().Network(), s.Addr().String())
}

// next returns the sink of the next connection when it is open.
func (s *server) next() *sink {
	s.w.Helper()
	si := await(s.w, "a sink to be made", s.sinks)
	await(s.w, "Open", si.opened)
	return si
}

// connect returns both sides of a new connection.
func (s *server) connect() (*peer, *sink) {
	s.w.Helper()
	p := s.dial()
	return p, s.next()
}

// bystanders makes connections on all loops of the group, and returns a function that fails if one of them does not
// echo any more.
func (w *world) bystanders() (ping func()) {
	w.Helper()
	srv := w.listen(setup{}, w.echo)
	var peers []*peer
	for range 2 * w.loops {
		p, _ := srv.connect()
		peers = append(peers, p)
	}
	return func() {
		w.Helper()
		for _, p := range peers {
			p.sendText("ping")
			p.wantText("ping")
		}
	}
}
