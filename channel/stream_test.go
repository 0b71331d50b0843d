package channel_test

import (
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// reads reads as an engine does from a socket in which there is always more, and returns how much each read brought.
func reads(c *channeltest.Conn, n int) (got []int) {
	for range n {
		room := c.Port.Room()
		got = append(got, len(room))
		c.Port.Input(len(room))
	}
	return got
}

func discard() *channeltest.Sink {
	s := channeltest.Echo()
	s.OnRead = func(b *buffer.Buf) error { b.Release(); return nil }
	return s
}

// The reads of a stream become longer, up to a bound, and as short as before when the stream ends.
func TestStreamReadsMore(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(discard(), channel.Options{})
	got := reads(c, 8)
	for i, n := range got {
		want := min(64<<10<<i, 1<<20)
		if n > want || n < want-64 {
			t.Errorf("read %d: room for %d bytes, want %d", i, n, want)
		}
	}
	room := c.Port.Room()
	c.Port.Input(len(room)/2 - 1)
	if n := len(c.Port.Room()); n > 64<<10 {
		t.Errorf("after a short read: room for %d bytes", n)
	}
}

// Output that waits makes reads short: what they bring would have to wait too.
func TestStreamOfSlowPeer(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(channeltest.Echo(), channel.Options{Marks: channel.Watermark{High: 32 << 20, Max: -1}},
		channeltest.Always(channeltest.Take(1<<20)))
	reads(c, 5)
	if n := len(c.Port.Room()); n < 512<<10 {
		t.Errorf("a stream that is taken: room for %d bytes", n)
	}
	c.Port.Input(len(c.Port.Room()))
	slow := l.Open(channeltest.Echo(), channel.Options{Marks: channel.Watermark{High: 32 << 20, Max: -1}}, channeltest.Again())
	for i, n := range reads(slow, 5) {
		if n > 64<<10 {
			t.Errorf("read %d of a stream that is not taken: room for %d bytes", i, n)
		}
	}
	slow.Unstall()
}

// A short piece at the end of a stream does not keep the block of a long one.
func TestStreamEndIsSmall(t *testing.T) {
	l := channeltest.NewLoop(t)
	var kept []*buffer.Buf
	s := channeltest.Echo()
	s.OnRead = func(b *buffer.Buf) error { kept = append(kept, b); return nil }
	c := l.Open(s, channel.Options{})
	reads(c, 5)
	for _, b := range kept {
		b.Release()
	}
	kept = kept[:0]
	before := l.Cache().Pool().Stats().Live
	c.Port.Room()
	c.Port.Input(1000)
	if n := l.Cache().Pool().Stats().Live - before; n > 64<<10 {
		t.Errorf("1000 bytes are kept in %d", n)
	}
	for _, b := range kept {
		b.Release()
	}
}

// Room that was not used, because there was nothing to read after all, is not that of the next channel.
func TestStreamRoomUnused(t *testing.T) {
	l := channeltest.NewLoop(t)
	stream := l.Open(discard(), channel.Options{})
	sink := new(channeltest.Sink)
	c := l.Open(sink, channel.Options{})
	reads(stream, 3)
	stream.Port.Room() // and no Input
	n := copy(c.Port.Room(), "hello")
	c.Port.Input(n)
	if sink.In != "hello" {
		t.Errorf("got %q", sink.In)
	}
}
