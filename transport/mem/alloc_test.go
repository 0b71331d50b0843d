package mem_test

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/mem"
)

// framesSink makes a pipeline that echoes frames.
var framesSink = pipeline.New(func() []pipeline.Stage {
	return []pipeline.Stage{
		codec.Frames(codec.LengthField{Max: 1 << 20}.Framer()),
		pipeline.Serve(func(c *pipeline.Ctx[*buffer.Buf], m *buffer.Buf) error { return c.Write(m) }),
	}
})

func frame(n int) []byte {
	return append([]byte{0, byte(n >> 16), byte(n >> 8), byte(n)}, make([]byte, n)...)
}

var messages = []struct {
	name   string
	accept func(*channel.Channel) channel.Sink
	input  []byte
}{
	{"echo 64 B", echo, make([]byte, 64)},
	{"echo 100 kB", echo, make([]byte, 100_000)},
	{"frames 1 x 64 B", framesSink, frame(64)},
	{"frames 32 x 64 B", framesSink, bytes.Repeat(frame(64), 32)},
	{"frames 1 x 50 kB", framesSink, frame(50_000)},
}

// roundsOf returns how often a message is sent: less often if it is large.
func roundsOf(input []byte) int {
	if testing.Short() {
		return 500
	}
	return max(500, min(2000, 10<<20/len(input)))
}

// exchange sends p and reads as much.
func exchange(t testing.TB, c net.Conn, p, room []byte) {
	if _, err := c.Write(p); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, room[:len(p)]); err != nil {
		t.Fatal(err)
	}
}

// unwatched starts a group whose pool watches no buffers, which would cost memory.
func unwatched(t testing.TB, n *mem.Network, loops int) engine.Group {
	pool := &buffer.Pool{LeakSample: -1}
	g, err := mem.Engine{Network: n}.Start(engine.Config{Loops: loops, Pool: pool, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		if live := pool.Live(); live != 0 {
			t.Errorf("%d buffers were not released", live)
		}
	})
	return g
}

// fill makes the network have as many chunks as the connections of a test can need, whoever is fast and whoever is slow.
func fill(t testing.TB, n *mem.Network) {
	t.Helper()
	for range 4 {
		a, _ := pair(t, n)
		defer a.Reset()
		a.SetWriteDeadline(time.Now().Add(time.Millisecond))
		if _, err := a.Write(make([]byte, 1<<20)); err == nil {
			t.Fatal("a peer that does not read has taken a megabyte")
		}
	}
}

// A message costs no allocation, neither the channel nor the plain connection at its other end.
func TestNoAllocations(t *testing.T) {
	for _, m := range messages {
		t.Run(m.name, func(t *testing.T) {
			n := new(mem.Network)
			fill(t, n)
			ln := listen(t, unwatched(t, n, 1), "mem", "", m.accept)
			c := dialPlain(t, n, ln.Addr())
			room := make([]byte, len(m.input))
			channeltest.NoAllocations(t, roundsOf(m.input), func(n int) {
				for range n {
					exchange(t, c, m.input, room)
				}
			})
		})
	}
}

// Neither do two channels that talk to each other, on one loop or on two.
func TestNoAllocationsBetweenChannels(t *testing.T) {
	for _, loops := range []int{1, 2} {
		for _, m := range messages {
			t.Run(m.name, func(t *testing.T) {
				n := new(mem.Network)
				fill(t, n)
				g := unwatched(t, n, loops)
				ln := listen(t, g, "mem", "", m.accept)
				s := asking(m.input)
				r := dialChannel(t, g, ln.Addr(), s)
				channeltest.NoAllocations(t, roundsOf(m.input), func(n int) { s.exchange(r, n) })
			})
		}
	}
}

// An asker is a sink that sends its input as often as it is told, each time when the one before has come back.
type asker struct {
	sink
	input     []byte
	got, left int
	done      chan struct{}
}

func asking(input []byte) *asker {
	a := &asker{input: input, done: make(chan struct{}, 1)}
	a.read = func(_ *sink, b *buffer.Buf) error {
		a.got += b.Len()
		b.Release()
		if a.got < len(input) {
			return nil
		}
		a.got = 0
		if a.left--; a.left > 0 {
			a.ask()
		} else {
			a.done <- struct{}{}
		}
		return nil
	}
	return a
}

// exchange has the input sent n times by the asker's channel, and returns when all have come back.
func (a *asker) exchange(r channel.Remote, n int) {
	r.Do(func(*channel.Channel, error) {
		a.left = n
		a.ask()
	})
	<-a.done
}

func (a *asker) ask() {
	b := a.ch.Alloc(len(a.input))
	b.Write(a.input)
	a.ch.Write(b)
}
