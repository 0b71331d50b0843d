package channel_test

import (
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// While memory is short a message that comes in small pieces takes about as much of it as it is long, although each read might
// have brought the rest.
func TestShortPieces(t *testing.T) {
	const size, piece, n = 32 << 10, 512, 32
	l, w := crowd(t)
	conns, sinks := several(l, 1)
	var kept []*buffer.Buf
	sinks[0].OnRead = func(b *buffer.Buf) error {
		kept = append(kept, b)
		sinks[0].Channel.Keep()
		sinks[0].Channel.Lacks(size)
		return nil
	}
	w.fill(pressed)
	conns[0].Feed(strings.Repeat("x", piece))
	before := l.Pool.Stats().Live
	for range n {
		conns[0].Feed(strings.Repeat("x", piece))
	}
	if len(kept) != n+1 {
		t.Errorf("%d pieces, want %d", len(kept), n+1)
	}
	if took := l.Pool.Stats().Live - before; took > 4*n*piece {
		t.Errorf("%d bytes of memory for %d of input", took, n*piece)
	}
	for _, b := range kept {
		b.Release()
	}
}

// An engine that knows how much there is gets room for that.
func TestRoomFor(t *testing.T) {
	l, w := crowd(t)
	conns, sinks := several(l, 1)
	sinks[0].OnRead = func(b *buffer.Buf) error {
		b.Release()
		sinks[0].Channel.Lacks(32 << 10)
		return nil
	}
	w.fill(pressed)
	conns[0].Feed("begin")
	conns[0].Do(func(*channel.Channel) {
		if n := len(conns[0].RoomFor(300)); n != 300 {
			t.Errorf("room for %d bytes, want 300", n)
		}
		if n := len(conns[0].Room()); n < 16<<10 {
			t.Errorf("room for %d bytes, want more than 16 KiB", n)
		}
	})
}
