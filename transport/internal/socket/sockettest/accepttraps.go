//go:build linux

package sockettest

import (
	"context"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var acceptTraps = []trap{
	{"AcceptBacklog", acceptBacklog},
	{"AcceptStorm", acceptStorm},
	{"AcceptBeyondMax", acceptBeyondMax},
	{"AcceptNoDescriptors", acceptNoDescriptors},
}

func bareEcho(*channel.Channel) channel.Sink { return new(BareEcho) }

// acceptBacklog has a thousand connections complete while the loop stands still.
func acceptBacklog(t *testing.T, e engine.Engine) {
	g := Start(t, e)
	connect, ln := g.ServeRaw(bareEcho)
	var peers []RawPeer
	g.While(func() {
		for range times(1000) {
			peers = append(peers, connect())
		}
	}, func() {})
	for _, p := range peers {
		p.Exchange(t, []byte("ping"), make([]byte, 4))
	}
	if n := ln.Conns(); n != len(peers) {
		t.Errorf("%d connections, want %d", n, len(peers))
	}
}

// connectAndGo connects to a listener, has n bytes echoed, and closes the connection: by a reset if reset is set.
func connectAndGo(ln engine.Listener, stream uint32, n int, reset bool) error {
	c, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		return err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(Patience))
	if reset {
		c.(*net.TCPConn).SetLinger(0)
	}
	return newTalk(c, stream).exchange(1, n)
}

// acceptStorm has many peers come and go at once, on two loops.
func acceptStorm(t *testing.T, e engine.Engine) {
	g := StartWith(t, e, engine.Config{Loops: 2})
	for _, ports := range []engine.ListenConfig{{}, {Network: "tcp", Addr: "127.0.0.1:0", ReusePort: true}} {
		ln := g.Listen(ports, bareEcho)
		Together(t, 40, func(i int) error {
			for n := range times(50) {
				if err := connectAndGo(ln, uint32(i*1000+n), 1+n, n%2 == 0); err != nil {
					return err
				}
			}
			return nil
		})
		Eventually(t, "the connections to be gone", func() bool { return ln.Conns() == 0 })
	}
}

// acceptBeyondMax has many more peers than MaxConns: there are never more connections than that, and all are served in the end.
func acceptBeyondMax(t *testing.T, e engine.Engine) {
	const limit = 7
	g := StartWith(t, e, engine.Config{Loops: 2})
	var most atomic.Int64
	var listener atomic.Value
	ln := g.Listen(engine.ListenConfig{MaxConns: limit}, func(*channel.Channel) channel.Sink {
		if ln, ok := listener.Load().(engine.Listener); ok {
			n := int64(ln.Conns())
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
		}
		return new(BareEcho)
	})
	listener.Store(ln)
	Together(t, 60, func(i int) error {
		for n := range times(20) {
			if err := connectAndGo(ln, uint32(i*1000+n), 1+n, n%2 == 0); err != nil {
				return err
			}
		}
		return nil
	})
	if n := most.Load(); n > limit || n < limit-2 {
		t.Errorf("%d connections at once, want %d", n, limit)
	}
	Eventually(t, "the connections to be gone", func() bool { return ln.Conns() == 0 })
}

// counting is a log that counts its warnings and errors.
type counting struct {
	slog.Handler
	n *atomic.Int64
}

func (c counting) Enabled(_ context.Context, l slog.Level) bool  { return l >= slog.LevelWarn }
func (c counting) Handle(_ context.Context, _ slog.Record) error { c.n.Add(1); return nil }

// acceptNoDescriptors has many peers connected when there are descriptors for a few of them. The loop rests meanwhile, those that
// are served go on, and when there are enough again all are.
func acceptNoDescriptors(t *testing.T, e engine.Engine) {
	const some = 10
	var warnings atomic.Int64
	g := StartWith(t, e, engine.Config{Logger: slog.New(counting{slog.DiscardHandler, &warnings})})
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	defer func() { unix.Setrlimit(unix.RLIMIT_NOFILE, &old) }()
	var peers []RawPeer
	for range times(200) {
		p := newRawPeer(t)
		defer unix.Close(int(p))
		peers = append(peers, p)
	}
	low := old
	low.Cur = uint64(inUse().descriptors + some)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &low); err != nil { // before the kernel is asked to accept, which keeps the limit
		t.Fatal(err)
	}
	ln := g.Listen(engine.ListenConfig{}, bareEcho)
	first, peers := peers[0], peers[1:]
	first.connect(t, ln)
	first.Exchange(t, []byte("ping"), make([]byte, 4))
	g.While(func() {
		for _, p := range peers {
			p.connect(t, ln)
		}
	}, func() {})
	Eventually(t, "accepting to fail", func() bool { return warnings.Load() > 0 })
	for range 20 {
		first.Exchange(t, []byte("ping"), make([]byte, 4))
	}
	g.Quiet("no descriptors")
	if n := ln.Conns(); n > 2*some {
		t.Errorf("%d connections although there were descriptors for %d", n, some)
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	for _, p := range peers {
		p.Exchange(t, []byte("ping"), make([]byte, 4))
	}
	if n := warnings.Load(); n > 50 {
		t.Errorf("accepting has failed %d times: it does not back off", n)
	}
}
