//go:build linux

package socket_test

import (
	"bytes"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// framesSink makes a pipeline that echoes frames.
var framesSink = pipeline.New(func() []pipeline.Stage {
	return []pipeline.Stage{
		codec.Frames(codec.LengthField{Max: 1 << 20}.Framer()),
		pipeline.Serve(func(c *pipeline.Ctx[*buffer.Buf], m *buffer.Buf) error { return c.Write(m) }),
	}
})

// A message costs no allocation, whatever its size, alone or in a burst.
func TestNoAllocations(t *testing.T) {
	frame := func(n int) []byte { return append([]byte{0, 0, byte(n >> 8), byte(n)}, make([]byte, n)...) }
	echo := func(*channel.Channel) channel.Sink { return sockettest.Echo() }
	onEach(t, func(t *testing.T, v variant) {
		for _, c := range []struct {
			name   string
			accept func(*channel.Channel) channel.Sink
			input  []byte
		}{
			{"echo 64 B", echo, make([]byte, 64)},
			{"echo 200 kB", echo, make([]byte, 200_000)},
			{"frames 1 x 64 B", framesSink, frame(64)},
			{"frames 32 x 64 B", framesSink, bytes.Repeat(frame(64), 32)},
			{"frames 1 x 50 kB", framesSink, frame(50_000)},
			{"frames 8 x 50 kB", framesSink, bytes.Repeat(frame(50_000), 8)},
		} {
			t.Run(c.name, func(t *testing.T) {
				g := sockettest.Start(t, v.engine)
				connect, _ := g.ServeRaw(c.accept)
				p := connect()
				room := make([]byte, 64<<10)
				exchange := func(n int) {
					for range n {
						p.Exchange(t, c.input, room)
					}
				}
				rounds := 2000
				if testing.Short() {
					rounds = 500
				}
				channeltest.NoAllocations(t, rounds, exchange)
			})
		}
	})
}

// each calls f for each of n messages.
func each(f func()) func(n int) {
	return func(n int) {
		for range n {
			f()
		}
	}
}
