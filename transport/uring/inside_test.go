//go:build linux

package uring

import (
	"fmt"
	"io"
	"net"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/socket"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// inside returns the poller of a group's first loop, which belongs to it.
func inside(g *sockettest.Group) *poller { return g.Loop.Poller.(*poller) }

// exchange sends pieces of n bytes to a sink that echoes, each when the one before has come back.
func exchange(t *testing.T, p net.Conn, pieces, n int) {
	t.Helper()
	out, in := make([]byte, n), make([]byte, n)
	for range pieces {
		if _, err := p.Write(out); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(p, in); err != nil {
			t.Fatal(err)
		}
	}
}

// Small messages are received without calls of their own, large ones are not: the engine goes from one way to receive to the other and back. If it
// did not, the traps would be none.
func TestWaysToReceive(t *testing.T) {
	g := sockettest.Start(t, Engine{})
	s := sockettest.Echo()
	p := g.Serve("tcp", "127.0.0.1:0", channel.Options{})(s)
	way := func() (w state) {
		g.On(func() { w = from(s.Conn()).state & (polling | receiving) })
		return w
	}
	for round := range 4 {
		exchange(t, p, maxStreak, 10)
		if w := way(); w != receiving {
			t.Fatalf("round %d: state %b after small messages, want receiving", round, w)
		}
		before := g.Calls()
		exchange(t, p, 100, 10)
		after := g.Calls()
		if n := after.Reads - before.Reads; n != 0 {
			t.Errorf("round %d: %d reads for 100 small messages", round, n)
		}
		exchange(t, p, 3, 100_000)
		if w := way(); w != polling {
			t.Fatalf("round %d: state %b after large messages, want polling", round, w)
		}
	}
}

// What was kept while a channel had paused comes before what lies in the socket, though a poll tells of that first.
func TestKeptComesFirst(t *testing.T) {
	g := sockettest.Start(t, Engine{})
	var got []byte
	all := make(chan bool, 1)
	s := sockettest.NewSink()
	s.OnRead = func(_ *sockettest.Sink, b *buffer.Buf) error {
		got = append(got, b.Bytes()...)
		b.Release()
		if len(got) == len("hello world!") {
			all <- true
		}
		return nil
	}
	p := g.Serve("tcp", "127.0.0.1:0", channel.Options{})(s)
	g.While(func() {
		if _, err := io.WriteString(p, "world!"); err != nil {
			t.Fatal(err)
		}
	}, func() { // the socket has input, and the completion of a receive has come before that of a poll
		c := from(s.Conn())
		b := s.Channel.Alloc(len("hello "))
		b.PutString("hello ")
		c.Flags |= socket.InRing
		c.keep(b, 0)
		c.polled(cqe{res: unix.POLLIN, flags: cqeMore})
	})
	sockettest.Await(t, "all", all)
	if string(got) != "hello world!" {
		t.Errorf("got %q", got)
	}
}

// What comes in one turn is answered in one call; what comes alone has a call for itself.
func TestAnswersTogether(t *testing.T) {
	const conns = 20
	g := sockettest.Start(t, Engine{})
	connect := g.Serve("tcp", "127.0.0.1:0", channel.Options{})
	var peers []net.Conn
	for range conns {
		peers = append(peers, connect(sockettest.Echo()))
	}
	before := g.Calls()
	for range 10 {
		g.While(func() {
			for _, p := range peers {
				if _, err := io.WriteString(p, "hello"); err != nil {
					t.Fatal(err)
				}
			}
		}, func() {})
		for _, p := range peers {
			if _, err := io.ReadFull(p, make([]byte, 5)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := g.Calls().Writes - before.Writes; n > 10 { // a turn may see one of them alone
		t.Errorf("%d writes for %d messages that came together", n, 10*conns)
	}
	before = g.Calls()
	exchange(t, peers[0], 100, 5)
	if n := g.Calls().Writes - before.Writes; n < 90 {
		t.Errorf("%d writes for 100 messages that came alone", n)
	}
}

// With two requests and four completions both queues do overflow, or TestTrapsSmall would prove little.
func TestSmallOverflows(t *testing.T) {
	g := sockettest.Start(t, Small(2, 4))
	connect := g.Serve("tcp", "127.0.0.1:0", channel.Options{})
	var peers []net.Conn
	seen := false
	for range 30 {
		s := sockettest.NewSink()
		s.OnRead = func(s *sockettest.Sink, b *buffer.Buf) error {
			seen = seen || inside(g).ring.overflown()
			return s.Channel.Write(b)
		}
		peers = append(peers, connect(s))
	}
	g.While(func() {
		for _, p := range peers {
			io.WriteString(p, "ping")
		}
	}, func() {})
	for _, p := range peers {
		if _, err := io.ReadFull(p, make([]byte, 4)); err != nil {
			t.Fatal(err)
		}
	}
	g.On(func() {
		if !seen {
			t.Error("the completions of 30 connections fit into a queue of four")
		}
		if n := inside(g).ring.sqSize; n != 2 {
			t.Errorf("room for %d requests, want 2", n)
		}
	})
}

// A peer that goes on sending to a paused channel fills its socket, not our memory, and the loop then rests.
func TestPausedKeepsLittle(t *testing.T) {
	g := sockettest.Start(t, Eager())
	s := sockettest.Echo()
	p := g.Serve("tcp", "127.0.0.1:0", channel.Options{})(s)
	exchange(t, p, 20, 10)
	g.On(func() { s.Channel.SetReading(false) })
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		p.Write(make([]byte, 32<<20))
	}()
	sockettest.Eventually(t, "the receive to end", func() (ended bool) {
		g.On(func() { ended = from(s.Conn()).state&receiving == 0 })
		return ended
	})
	g.Quiet("paused, with much input")
	g.On(func() {
		kept := 0
		if l := from(s.Conn()).late; l != nil {
			kept = len(l.bufs)
		}
		if kept > minBuffers {
			t.Errorf("%d buffers are kept for a paused channel", kept)
		}
	})
	g.On(func() { s.Channel.Abort(nil) })
	sockettest.Await(t, "the peer's end", sent)
}

// A sink that keeps what it gets does not keep the ring short of buffers, nor does that have more than it may.
func TestHoarderLeavesBuffers(t *testing.T) {
	g := sockettest.Start(t, Eager())
	var kept []*buffer.Buf
	s := sockettest.NewSink()
	s.OnRead = func(s *sockettest.Sink, b *buffer.Buf) error {
		s.Channel.Keep()
		kept = append(kept, b)
		return s.Channel.Write(b.Copy())
	}
	s.OnClosed = func(*sockettest.Sink, error) {
		for _, b := range kept {
			b.Release()
		}
	}
	p := g.Serve("tcp", "127.0.0.1:0", channel.Options{})(s)
	exchange(t, p, 3*maxBuffers, 10)
	g.On(func() {
		b := inside(g).buffers
		if n := b.size - len(b.free); n < minBuffers-8 || n > maxBuffers {
			t.Errorf("the kernel has %d buffers, want about %d", n, minBuffers)
		}
		if len(kept) < 3*maxBuffers {
			t.Errorf("%d pieces for %d messages", len(kept), 3*maxBuffers)
		}
	})
}

// The places of connections and sources that are gone are all free again, however they went.
func TestNoPlaceIsLost(t *testing.T) {
	for name, e := range map[string]Engine{"default": {}, "eager": Eager(), "small": Small(2, 4)} {
		t.Run(name, func(t *testing.T) {
			g := sockettest.Start(t, e)
			connect := g.Serve("tcp", "127.0.0.1:0", channel.Options{})
			for round := range 60 {
				s := sockettest.Echo()
				p := connect(s)
				exchange(t, p, round%10, 20)
				switch round % 5 {
				case 0:
					p.Close()
				case 1:
					p.(*net.TCPConn).SetLinger(0)
					io.WriteString(p, "bye")
					p.Close()
				case 2:
					g.On(func() { s.Channel.Abort(nil) })
				case 3:
					io.WriteString(p, "bye")
					g.On(func() { s.Channel.SetReading(false); s.Channel.Close(nil) })
					p.Close()
				case 4:
					g.On(func() {
						b := s.Channel.Alloc(1 << 20)
						b.PutZero(1 << 20)
						s.Channel.Write(b)
						s.Channel.Abort(nil)
					})
				}
				sockettest.Await(t, fmt.Sprintf("Closed in round %d", round), s.Gone)
			}
			sockettest.Eventually(t, "the places to be free", func() (free bool) {
				g.On(func() {
					p := inside(g)
					free = len(p.slots.free) == int(p.slots.used)
				})
				return free
			})
		})
	}
}

// Completions that are put aside while others are served are not served again: the ring is then read beyond the limit.
func TestNextBeyondLimit(t *testing.T) {
	r := &ring{completions: unsafe.Pointer(new(cqe))}
	for _, c := range []struct {
		head, limit uint32
		more        bool
	}{{0, 0, false}, {3, 5, true}, {5, 3, false}, {1 << 31, 1<<31 + 1, true}, {^uint32(0), 1, true}, {1, ^uint32(0), false}} {
		r.head = c.head
		if _, more := r.next(c.limit); more != c.more {
			t.Errorf("at %d, with a limit of %d: a completion: %v, want %v", c.head, c.limit, more, c.more)
		}
	}
}

// It is a size class of the Go heap: a field more would cost each of many connections 16 bytes.
func TestSize(t *testing.T) {
	if size := unsafe.Sizeof(conn{}); size > 192 {
		t.Errorf("a connection has %d bytes", size)
	}
}
