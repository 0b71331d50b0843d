package channel_test

import (
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// perMessage splits what it reads into messages of n bytes and writes each.
func perMessage(n int, write func(*channel.Channel, *buffer.Buf) error) *channeltest.Sink {
	s := new(channeltest.Sink)
	s.OnRead = func(b *buffer.Buf) error {
		defer b.Release()
		for b.Len() > 0 {
			if err := write(s.Channel, b.Split(min(n, b.Len()))); err != nil {
				return err
			}
		}
		return nil
	}
	return s
}

// Messages of one read that are written back leave as one piece; copied ones, which lie apart, carry the same bytes.
func TestMerge(t *testing.T) {
	l := channeltest.NewLoop(t)
	merged := l.Open(perMessage(16, (*channel.Channel).Write), channel.Options{})
	apart := l.Open(perMessage(16, func(ch *channel.Channel, b *buffer.Buf) error {
		o := ch.Alloc(b.Len())
		o.Write(b.Bytes())
		b.Release()
		return ch.Write(o)
	}), channel.Options{})
	input := strings.Repeat("0123456789abcdef", 31) + "tail"
	merged.Feed(input)
	apart.Feed(input)

	if a, b := merged.Wire.Sent(), apart.Wire.Sent(); a != input || b != input {
		t.Errorf("sent %q and %q", a, b)
	}
	if w := merged.Wire.Writes(); len(w) != 1 || w[0].Pieces != 1 {
		t.Errorf("adjacent messages left as %+v", w)
	}
	if w := apart.Wire.Writes(); len(w) != 1 || w[0].Pieces != 32 {
		t.Errorf("messages in blocks of their own left as %+v", w)
	}
}

// The kernel may cut the merged piece anywhere.
func TestMergeShortWrites(t *testing.T) {
	const input = "one two three four five six seven"
	for n := 1; n <= len(input); n++ {
		l := channeltest.NewLoop(t)
		c := l.Open(perMessage(4, (*channel.Channel).Write), channel.Options{}, channeltest.Always(channeltest.Take(n)))
		c.Feed(input[:20])
		c.Feed(input[20:])
		if got := c.Wire.Sent(); got != input {
			t.Errorf("Take(%d): sent %q", n, got)
		}
	}
}

// EAGAIN after every byte, and reads in between that append to what is left.
func TestWriteWhileQueued(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(channeltest.Echo(), channel.Options{})
	want := ""
	for i := range 50 {
		c.Wire.Add(channeltest.Take(1), channeltest.Again())
		part := strings.Repeat(string(rune('a'+i%26)), 1+i%3)
		want += part
		c.Feed(part)
		c.Unstall()
	}
	c.Unstall()
	if got := c.Wire.Sent(); got != want {
		t.Errorf("sent %q, want %q", got, want)
	}
	if c.Queued() != 0 {
		t.Errorf("%d bytes are left", c.Queued())
	}
}
