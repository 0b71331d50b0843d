//go:build linux

package socket_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// stream sends data from one peer to the other.
func stream(t *testing.T, from, to net.Conn, data []byte) {
	t.Helper()
	go from.Write(data)
	got := make([]byte, len(data))
	if n, err := io.ReadFull(to, got); err != nil || !bytes.Equal(got, data) {
		t.Fatalf("%d of %d bytes, %v, or others than were sent", n, len(data), err)
	}
}

func noise(n int) []byte { f := sockettest.Flow{}; return f.Next(n) }

// pipes returns how many pipes the loop has open, and how many of these are in use.
func pipes(g *sockettest.Group) (open, used int) {
	g.On(func() {
		var spare int
		open, spare = g.Loop.Pipes()
		used = open - spare
	})
	return open, used
}

// A stream is spliced, messages are not; and what rests holds no pipe.
func TestRelaySplices(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		j := g.Relay(channel.RelayOptions{}, engine.SocketOptions{})
		const big = 8 << 20
		for range 200 {
			stream(t, j.A, j.B, []byte("message"))
		}
		if open, _ := pipes(g); open != 0 {
			t.Errorf("%d pipes for messages", open)
		}
		stream(t, j.A, j.B, noise(big))
		stream(t, j.B, j.A, noise(big))
		sockettest.Eventually(t, "the bytes in Stats", func() bool {
			s := g.Stats()
			return s.SplicedBytes+s.RelayedBytes == 200*7+2*big
		})
		if s := g.Stats(); s.SplicedBytes < 2*big/2 || s.Splices == 0 {
			t.Errorf("%d of %d bytes were spliced, in %d calls", s.SplicedBytes, 2*big, s.Splices)
		}
		if open, used := pipes(g); open == 0 || used != 0 {
			t.Errorf("%d pipes are open, %d in use", open, used)
		}
		before := g.Calls().Splices
		for range 100 {
			stream(t, j.A, j.B, []byte("message"))
		}
		if n := g.Calls().Splices - before; n > 30 {
			t.Errorf("%d splices for 100 messages behind a stream", n)
		}
		j.A.Close()
		j.B.Close()
		r := sockettest.Await(t, "the end", j.Ended)
		if r.FromA.Copied+r.FromA.Spliced != 300*7+big || r.FromB.Copied+r.FromB.Spliced != big {
			t.Errorf("the relay counts %+v", r)
		}
	})
}

// A pipe that holds something when its connection dies is closed, not used again.
func TestRelayDiesWithFullPipe(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		for round := range 4 {
			j := g.Relay(channel.RelayOptions{}, engine.SocketOptions{})
			go j.A.Write(make([]byte, 64<<20))
			sockettest.Eventually(t, "a pipe to be left full", func() bool {
				_, used := pipes(g)
				return used == 1
			})
			g.Quiet("a relay that is held up")
			switch round {
			case 0:
				j.A.(*net.TCPConn).SetLinger(0)
				j.A.Close()
			case 1:
				j.B.(*net.TCPConn).SetLinger(0)
				j.B.Close()
			case 2:
				g.On(func() { j.SA.Channel.Abort(nil) })
			case 3:
				g.On(func() { j.SB.Channel.Abort(nil) })
			}
			sockettest.Await(t, "the end", j.Ended)
			if open, used := pipes(g); used != 0 {
				t.Errorf("round %d: %d pipes of %d are in use", round, used, open)
			}
			j.A.Close()
			j.B.Close()
			k := g.Relay(channel.RelayOptions{}, engine.SocketOptions{}) // gets nothing of what another has left
			stream(t, k.A, k.B, noise(4<<20))
			k.A.Close()
			k.B.Close()
			sockettest.Await(t, "the end", k.Ended)
		}
	})
}

// Without pipes, and when the process has no descriptors for them, a stream is copied.
func TestRelayWithoutPipes(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		g.On(func() { g.Loop.RefusePipes(time.Hour) })
		j := g.Relay(channel.RelayOptions{}, engine.SocketOptions{})
		stream(t, j.A, j.B, noise(8<<20))
		if n := g.Calls().SplicedBytes; n != 0 {
			t.Errorf("%d bytes were spliced", n)
		}
		g.On(func() { g.Loop.RefusePipes(0) })

		var old unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
			t.Fatal(err)
		}
		few := unix.Rlimit{Cur: 3, Max: old.Max} // none is left
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &few); err != nil {
			t.Fatal(err)
		}
		defer unix.Setrlimit(unix.RLIMIT_NOFILE, &old)
		stream(t, j.A, j.B, noise(8<<20))
		if n := g.Calls().SplicedBytes; n != 0 {
			t.Errorf("%d bytes were spliced without a descriptor", n)
		}
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
			t.Fatal(err)
		}
		g.On(func() { g.Loop.RefusePipes(0) })
		stream(t, j.A, j.B, noise(8<<20))
		if g.Calls().SplicedBytes == 0 {
			t.Error("nothing was spliced when there were descriptors again")
		}
		j.A.Close()
		j.B.Close()
		sockettest.Await(t, "the end", j.Ended)
	})
}

// A tap into a file gets a stream without a copy in our memory.
func TestRelayTees(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		f, err := os.Create(filepath.Join(t.TempDir(), "tap"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		tap := channel.NewTap(f, channel.TapOptions{})
		j := g.Relay(channel.RelayOptions{TapA: tap}, engine.SocketOptions{})
		data := noise(20 << 20)
		stream(t, j.A, j.B, data)
		stream(t, j.A, j.B, []byte("the end"))
		j.A.Close()
		j.B.Close()
		r := sockettest.Await(t, "the end", j.Ended)
		if err := tap.Close(); err != nil {
			t.Error(err)
		}
		if r.FromA.Spliced < int64(len(data)/2) {
			t.Errorf("the relay counts %+v", r)
		}
		got, err := os.ReadFile(f.Name())
		if err != nil || !bytes.Equal(got, append(data, "the end"...)) {
			t.Errorf("the tap has %d bytes (%v), which are not those that have passed", len(got), err)
		}
		if open, used := pipes(g); used != 0 {
			t.Errorf("%d pipes of %d are in use", used, open)
		}
	})
}

// Nothing is allocated for a message, nor for a piece of a stream.
func TestRelayAllocations(t *testing.T) {
	onGroups(t, func(t *testing.T, g *sockettest.Group) {
		j := g.Relay(channel.RelayOptions{}, engine.SocketOptions{})
		for _, size := range []int{64, 300_000} {
			out, in := make([]byte, size), make([]byte, size)
			sending := make(chan struct{})
			go func() {
				for range sending {
					j.A.Write(out)
				}
			}()
			channeltest.NoAllocations(t, 2000, each(func() {
				sending <- struct{}{}
				if _, err := io.ReadFull(j.B, in); err != nil {
					t.Fatal(err)
				}
			}))
			close(sending)
		}
		j.A.Close()
		j.B.Close()
		sockettest.Await(t, "the end", j.Ended)
	})
}

// What is in a pipe that cannot be spliced on is read out of it, whole, or not at all when there is no memory; the pipe is good for
// others then, or closed.
func TestRelayReadsPipe(t *testing.T) {
	onEach(t, func(t *testing.T, v variant) {
		g := sockettest.StartLimited(t, v.engine, 16<<20)
		data := noise(900_000)
		g.On(func() {
			if got, err := g.Loop.ThroughPipe(data); err != nil || got != string(data) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
		if open, used := pipes(g); open != 1 || used != 0 {
			t.Errorf("%d pipes are open, %d in use", open, used)
		}
		free := g.Exhaust()
		g.On(func() {
			if _, err := g.Loop.ThroughPipe(data); !errors.Is(err, buffer.ErrLimit) {
				t.Errorf("without memory: %v, want ErrLimit", err)
			}
		})
		free()
		if open, _ := pipes(g); open != 0 {
			t.Errorf("%d pipes are open, want that with something in it to be closed", open)
		}
	})
}
