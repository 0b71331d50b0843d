package codec_test

import (
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
)

// full takes all memory of a loop but the block that it reads into, and returns what gives it back.
func full(t *testing.T, l *channeltest.Loop) (drop func()) {
	if _, err := l.Cache().ReceiveRoom(); err != nil {
		t.Fatal(err)
	}
	var held []*buffer.Buf
	for n := 32 << 10; n > 0; n /= 2 {
		for b, err := l.Cache().TryAlloc(n); err == nil; b, err = l.Cache().TryAlloc(n) {
			held = append(held, b)
		}
	}
	return func() {
		for _, b := range held {
			b.Release()
		}
		held = nil
	}
}

// A peer whose messages come in pieces loses nothing, not even its channel, when there is no memory to gather the pieces in.
func TestRestAtTheLimit(t *testing.T) {
	for _, piece := range []int{1, 100, 1000, 5000} {
		l := channeltest.NewLoop(t, func(c *channel.LoopConfig) { c.Pool = &buffer.Pool{Limit: 1 << 20} })
		in := new(inbox)
		c := l.New(nil, channel.Options{})
		c.SetSink(pipeline.New(func() []pipeline.Stage {
			return []pipeline.Stage{codec.Decode(codec.LengthField{}.Framer()), in}
		})(&c.Channel))
		l.Protect(c.Port.Open)
		drop := full(t, l)
		t.Cleanup(drop)
		message := strings.Repeat("0123456789abcdef", 12_000/16)
		for rest := "\x00\x00" + string([]byte{byte(len(message) >> 8), byte(len(message) & 0xff)}) + message; rest != ""; {
			n := min(piece, len(rest))
			// What an engine does that still has some room, while it is this channel's turn.
			c.Received(l.Received(rest[:n]))
			c.ReceivedEnd()
			rest = rest[n:]
		}
		if c.Closing() || len(in.got) != 1 || in.got[0] != message {
			t.Errorf("pieces of %d: %d messages, cause %v", piece, len(in.got), c.Cause())
		}
		drop()
	}
}
