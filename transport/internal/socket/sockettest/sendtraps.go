//go:build linux

package sockettest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var sendTraps = []trap{
	{"CloseInFlight", inPools(closeInFlight)},
	{"AbortInFlight", inPools(abortInFlight)},
	{"ResetInFlight", inPools(resetInFlight)},
	{"PartialSends", partialSends},
}

// inPools runs a trap with memory whose next owner overwrites it at once, and with memory that cannot be read after its release.
func inPools(run func(*testing.T, *Group)) func(*testing.T, engine.Engine) {
	return func(t *testing.T, e engine.Engine) {
		for name, checked := range map[string]bool{"scribbled": false, "checked": true} {
			t.Run(name, func(t *testing.T) {
				g := StartWith(t, e, engine.Config{Pool: &buffer.Pool{Checked: checked}})
				g.scribble()
				run(t, g)
			})
		}
	}
}

// scribble has the loop overwrite its free memory all the time: what is sent from there after its release is found out by those
// who get it.
func (g *Group) scribble() {
	junk := bytes.Repeat([]byte{0xee}, 64<<10)
	s := NewSink()
	var timer *channel.Timer
	s.OnOpen = func(s *Sink) error {
		timer = s.Channel.AfterFunc(0, func() {
			var held []*buffer.Buf
			for n := 64; n <= 64<<10; n *= 2 {
				b := s.Channel.Alloc(n)
				b.Write(junk[:n])
				held = append(held, b)
			}
			for _, b := range held {
				b.Release()
			}
			timer.Reset(time.Millisecond)
		})
		return nil
	}
	g.Serve("tcp", "127.0.0.1:0", channel.Options{})(s)
}

// unlimited are options for those who write much at once.
var unlimited = channel.Options{Marks: channel.Watermark{Max: -1}}

// fill writes pieces of a stream until a peer that does not read keeps some of it from leaving, and returns how many bytes that
// are. It is called on the loop.
func fill(s *Sink, f *Flow, rng *rand.Rand) int {
	for total := 1<<18 + rng.IntN(1<<20); f.At < total; {
		n := 1 + rng.IntN(2000)
		if rng.IntN(3) == 0 {
			n = 1 + rng.IntN(200_000)
		}
		s.Channel.Write(f.Put(s.Channel, n))
		if rng.IntN(50) == 0 {
			s.Channel.Flush()
		}
	}
	return f.At
}

// filled connects a peer and fills its connection; then is called on the loop after that, in that call or in a later turn.
func (g *Group) filled(sinks chan *Sink, ln engine.Listener, round int, then func(*channel.Channel)) (p *talk, s *Sink, size int) {
	g.t.Helper()
	s = Echo()
	g.Watch(s)
	sinks <- s
	p = newTalk(g.dialNarrow(ln), uint32(round))
	Await(g.t, "Open", s.Opened)
	for range few {
		io.WriteString(p, ".")
		io.ReadFull(p, p.room[:1])
	}
	rng := rand.New(rand.NewPCG(uint64(round), 5))
	g.On(func() {
		size = fill(s, &Flow{Stream: uint32(round)}, rng)
		if round%2 == 0 {
			then(s.Channel)
		}
	})
	if round%2 != 0 {
		g.On(func() { then(s.Channel) })
	}
	return p, s, size
}

// narrow listens for connections that hold little on their way; their sinks come out of the channel.
func (g *Group) narrow() (chan *Sink, engine.Listener) {
	sinks := make(chan *Sink, 1)
	return sinks, g.Listen(engine.ListenConfig{Options: unlimited.Prepare(), Socket: engine.SocketOptions{SendBuffer: 16 << 10}},
		func(*channel.Channel) channel.Sink { return <-sinks })
}

// closeInFlight closes channels while much of what they have written waits for peers: all of it arrives, then the end.
func closeInFlight(t *testing.T, g *Group) {
	sinks, ln := g.narrow()
	for round := range times(30) {
		p, s, size := g.filled(sinks, ln, round, func(ch *channel.Channel) { ch.Close(nil) })
		if err := p.CheckFrom(size); err != nil {
			t.Fatal(err)
		}
		if n, err := p.Read(p.room); n != 0 || err != io.EOF {
			t.Fatalf("round %d: got %d bytes and %v, want the end", round, n, err)
		}
		p.Close()
		if err := Await(t, "Closed", s.Gone); err != nil {
			t.Fatalf("round %d: cause %v, want nil", round, err)
		}
	}
}

var errEnough = errors.New("enough")

// abortInFlight aborts channels whose output waits for peers: what has left is right, and then comes a reset.
func abortInFlight(t *testing.T, g *Group) {
	sinks, ln := g.narrow()
	for round := range times(50) {
		p, s, size := g.filled(sinks, ln, round, func(ch *channel.Channel) { ch.Abort(errEnough) })
		if err := Await(t, "Closed", s.Gone); err != errEnough {
			t.Fatalf("round %d: cause %v, want that of Abort", round, err)
		}
		err := p.CheckFrom(size)
		if !errors.Is(err, unix.ECONNRESET) {
			t.Fatalf("round %d: %v, want a reset", round, err)
		}
	}
}

// resetInFlight has peers reset their connection while output waits for them.
func resetInFlight(t *testing.T, g *Group) {
	sinks, ln := g.narrow()
	for round := range times(50) {
		p, s, size := g.filled(sinks, ln, round, func(*channel.Channel) {})
		if err := p.CheckFrom(size / 4); err != nil {
			t.Fatal(err)
		}
		p.Conn.(*net.TCPConn).SetLinger(0)
		p.Close()
		if err := Await(t, "Closed", s.Gone); !errors.Is(err, unix.ECONNRESET) && !errors.Is(err, unix.EPIPE) {
			t.Fatalf("round %d: cause %v, want a reset", round, err)
		}
	}
}

// dialNarrow connects a peer that has the smallest buffer for what it receives.
func (g *Group) dialNarrow(ln engine.Listener) net.Conn {
	g.t.Helper()
	d := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) (err error) {
		raw.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, 4<<10) })
		return err
	}}
	c, err := d.Dial("tcp", ln.Addr().String())
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(Patience))
	return c
}

// partialSends sends messages of many sizes through buffers of 4 KiB on both sides.
func partialSends(t *testing.T, e engine.Engine) {
	const conns = 4
	g := Start(t, e)
	ln := g.Listen(engine.ListenConfig{Options: unlimited.Prepare(), Socket: engine.SocketOptions{SendBuffer: 4 << 10}},
		func(*channel.Channel) channel.Sink {
			var out Flow
			s := NewSink()
			s.OnRead = func(s *Sink, b *buffer.Buf) error { // sizes of messages, which come whole
				defer b.Release()
				for ; b.Len() >= 4; b.Discard(4) {
					if err := s.Channel.Write(out.Put(s.Channel, int(b.Uint32(0)))); err != nil {
						return err
					}
				}
				return nil
			}
			return s
		})
	peers := make([]net.Conn, conns)
	for i := range peers {
		peers[i] = g.dialNarrow(ln)
	}
	rng := rand.New(rand.NewPCG(6, 6))
	sizes := []int{1, 2, 1023, 1024, 1025, 2304, 4095, 4096, 4097, 8192, 16384, 65535, 65536, 65537, 131072, 200 << 10}
	for len(sizes) < times(150) {
		sizes = append(sizes, 1+rng.IntN(1<<(4+rng.IntN(14))))
	}
	Together(t, conns, func(i int) error {
		p, in, room := peers[i], Flow{}, make([]byte, 3000)
		for k := i; k < len(sizes); k += conns {
			n := sizes[k]
			ask := binary.BigEndian.AppendUint32(nil, uint32(n))
			if k%3 == 0 { // two at once
				ask, n = binary.BigEndian.AppendUint32(ask, 100), n+100
			}
			if _, err := p.Write(ask); err != nil {
				return err
			}
			if err := in.CheckFrom(p, n, room); err != nil {
				return fmt.Errorf("message of %d bytes: %w", n, err)
			}
		}
		return nil
	})
}
