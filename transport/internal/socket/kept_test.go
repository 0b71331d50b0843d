//go:build linux

package socket_test

import (
	"errors"
	"io"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/socket"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// fill makes a connection send more than the peer's window and our buffer take, so that the kernel keeps reading our memory.
func fill(t *testing.T, g *sockettest.Group, s *sockettest.Sink, size int) (out sockettest.Flow) {
	t.Helper()
	g.On(func() {
		writeFlow(s.Channel, &out, size, 64<<10)
		s.Channel.Flush()
	})
	if g.Calls().ZeroCopySends == 0 {
		t.Fatal("nothing was sent without a copy")
	}
	return out
}

// A channel that is aborted while the kernel reads its memory resets the connection, and the memory is given back when the kernel
// has let go of it.
func TestZeroCopyAbort(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.NewSink()
		p := zeroCopying(t, g, "tcp4", engine.SocketOptions{SendBuffer: 1 << 20})(s)
		p.SetReadBuffer(4 << 10)
		fill(t, g, s, 8<<20)
		g.On(func() { s.Channel.Abort(nil) })
		sockettest.Await(t, "Closed", s.Gone)
		if _, err := io.Copy(io.Discard, p); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("the peer got %v, want a reset", err)
		}
		sockettest.Eventually(t, "the memory to be given back", func() bool {
			kept := -1
			g.On(func() { kept = g.Loop.Kept() + g.Loop.Features() })
			return kept == 0 && g.Pool.Live() == 0
		})
		g.Quiet("aborted")
	})
}

// A channel that is closed in order, whose peer is slow, is gone at once, and the peer gets all of it.
func TestZeroCopyClose(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		const size = 600_000 // less than the buffers take
		s := sockettest.NewSink()
		s.OnEOF = func(s *sockettest.Sink) error {
			var out sockettest.Flow
			writeFlow(s.Channel, &out, size, 64<<10)
			return nil // and it closes
		}
		p := zeroCopying(t, g, "tcp4", engine.SocketOptions{SendBuffer: 2 << 20})(s)
		p.CloseWrite()
		if err := sockettest.Await(t, "Closed", s.Gone); err != nil {
			t.Fatalf("cause %v", err)
		}
		kept := 0
		g.On(func() { kept = g.Loop.Kept() })
		if kept != 1 || g.Pool.Live() == 0 {
			t.Errorf("%d sockets are kept, and %d buffers", kept, g.Pool.Live())
		}
		var in sockettest.Flow
		wantFlow(t, p, &in, size)
		if n, err := p.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("behind it: %d bytes, %v", n, err)
		}
		sockettest.Eventually(t, "the memory to be given back", func() bool {
			g.On(func() { kept = g.Loop.Kept() })
			return kept == 0 && g.Pool.Live() == 0
		})
	})
}

// A peer that does not read is reset after a minute, and the memory is given back.
func TestZeroCopySilentPeer(t *testing.T) {
	onEach(t, func(t *testing.T, v variant) {
		var clock socket.Clock
		g := sockettest.StartWith(t, v.engine, engine.Config{Now: clock.Now})
		s := sockettest.NewSink()
		s.OnEOF = func(s *sockettest.Sink) error {
			var out sockettest.Flow
			writeFlow(s.Channel, &out, 600_000, 64<<10)
			return nil
		}
		p := zeroCopying(t, g, "tcp4", engine.SocketOptions{SendBuffer: 2 << 20})(s)
		p.CloseWrite()
		sockettest.Await(t, "Closed", s.Gone)
		kept := func() (n int) {
			g.On(func() { n = g.Loop.Kept() })
			return n
		}
		for range 5 {
			clock.Advance(10 * time.Second)
			g.On(func() {})
			if kept() != 1 {
				t.Fatal("the socket is not kept for a minute")
			}
		}
		sockettest.Eventually(t, "the memory to be given back", func() bool {
			clock.Advance(10 * time.Second)
			return kept() == 0 && g.Pool.Live() == 0
		})
		if _, err := io.Copy(io.Discard, p); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("the peer got %v, want a reset", err)
		}
	})
}

// Without a descriptor for a duplicate the connection is reset, and the memory is given back all the same.
func TestZeroCopyNoDescriptors(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.NewSink()
		p := zeroCopying(t, g, "tcp4", engine.SocketOptions{SendBuffer: 1 << 20})(s)
		p.SetReadBuffer(4 << 10)
		fill(t, g, s, 8<<20)
		var old unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
			t.Fatal(err)
		}
		low := old
		low.Cur = 3 // no descriptor is free
		g.On(func() {
			if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &low); err != nil {
				t.Error(err)
			}
			s.Channel.Abort(nil)
		})
		sockettest.Await(t, "Closed", s.Gone)
		unix.Setrlimit(unix.RLIMIT_NOFILE, &old)
		if _, err := io.Copy(io.Discard, p); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("the peer got %v, want a reset", err)
		}
		sockettest.Eventually(t, "the memory to be given back", func() bool {
			g.On(func() {})
			return g.Pool.Live() == 0
		})
	})
}

// A loop that ends resets kept sockets, and waits until the kernel has let go of their memory: the end of the test looks for it.
func TestZeroCopyEnd(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		s := sockettest.NewSink()
		s.OnEOF = func(s *sockettest.Sink) error {
			var out sockettest.Flow
			writeFlow(s.Channel, &out, 600_000, 64<<10)
			return nil
		}
		connect := zeroCopying(t, g, "tcp4", engine.SocketOptions{SendBuffer: 2 << 20})
		p := connect(s)
		p.SetReadBuffer(4 << 10)
		p.CloseWrite()
		sockettest.Await(t, "Closed", s.Gone)
		other := sockettest.NewSink() // is open when the group is closed
		connect(other).SetReadBuffer(4 << 10)
		fill(t, g, other, 8<<20)
	})
}
