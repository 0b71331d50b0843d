package channel_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// lacking makes a channel's sink keep messages that begin with their length, a byte, until they are complete.
func lacking(s *channeltest.Sink) {
	kept := ""
	s.OnRead = func(b *buffer.Buf) error {
		kept += string(b.Bytes())
		b.Release()
		for len(kept) > 0 && len(kept) > int(kept[0]) {
			s.In += kept[1:1+kept[0]] + "."
			kept = kept[1+kept[0]:]
		}
		if len(kept) > 0 {
			s.Channel.Lacks(1 + int(kept[0]) - len(kept))
		}
		return nil
	}
}

// When memory is tight those go first whose messages can be completed, and they read no further than that.
func TestTightCompletes(t *testing.T) {
	l, w := crowd(t)
	conns, sinks := several(l, 40)
	for i, c := range conns {
		lacking(sinks[i])
		c.Feed("\x05he")
	}
	w.fill(tight)
	for i, c := range conns {
		if i%2 == 1 {
			c.Feed("l") // not all of it
		} else {
			c.Feed("llo\x05he")
		}
	}
	l.Advance(12 * look) // the first one, while it was alone, has begun another message
	for i, s := range sinks[2:] {
		switch {
		case i%2 == 0 && s.In != "hello.":
			t.Errorf("channel %d got %q, and all of its message has come", i+2, s.In)
		case i%2 == 0 && conns[i+2].Unread() != 3:
			t.Errorf("channel %d: %d bytes of the next message are unread", i+2, conns[i+2].Unread())
		case i%2 == 1 && s.In != "" || i%2 == 1 && conns[i+2].Unread() != 1:
			t.Errorf("channel %d got %q, %d unread", i+2, s.In, conns[i+2].Unread())
		}
	}
}

// If nobody's message can be completed each of them gets a turn that lasts, each longer than the one before.
func TestTightTurns(t *testing.T) {
	l, w := crowd(t)
	conns, sinks := several(l, 4)
	for i, c := range conns {
		lacking(sinks[i])
		c.Feed("\x05h")
	}
	w.fill(tight)
	for _, c := range conns {
		c.Feed("e")
	}
	start := l.Now()
	for i, at := range []time.Duration{100 * time.Millisecond, 300 * time.Millisecond, 700 * time.Millisecond} {
		l.Advance(start + at - look - l.Now())
		if conns[i+1].Unread() != 1 {
			t.Errorf("channel %d did not wait for its turn", i+1)
		}
		l.Advance(2 * look)
		if conns[i+1].Unread() != 0 {
			t.Errorf("channel %d has not read in its turn", i+1)
		}
	}
	conns[3].Feed("llo")
	if sinks[3].In != "hello." {
		t.Errorf("the one whose turn it is got %q", sinks[3].In)
	}
	conns[2].Feed("llo")
	l.Advance(look)
	if sinks[2].In != "hello." {
		t.Errorf("the next one got %q", sinks[2].In)
	}
}

// One that always has input does not keep its turn for ever.
func TestTurnEnds(t *testing.T) {
	l, w := crowd(t)
	w.fill(pressed)
	conns, sinks := several(l, 2)
	reads, before := 0, 0
	sinks[0].OnRead = func(b *buffer.Buf) error {
		reads++
		l.Clock.Advance(time.Millisecond)
		b.Release()
		return nil
	}
	sinks[1].OnRead = func(b *buffer.Buf) error {
		before = reads
		b.Release()
		return nil
	}
	reading := func(on bool) {
		conns[0].Do(func(*channel.Channel) {
			for _, s := range sinks {
				s.Channel.SetReading(on)
			}
		})
	}
	reading(false)
	conns[0].Feed(strings.Repeat("x", 100_000))
	conns[1].Feed("input")
	reading(true)
	if before < 5 || before > 12 || reads < 50 {
		t.Errorf("the other one had its turn after %d of %d reads", before, reads)
	}
}

// One that is halted by something else when its turn comes does not hold up the others, and asks again when it goes on.
func TestTurnOfHalted(t *testing.T) {
	l, w := crowd(t)
	w.fill(tight)
	conns, sinks := several(l, 3)
	for _, c := range conns {
		c.Feed("input")
	}
	conns[1].Do(func(ch *channel.Channel) { ch.SetReading(false) })
	l.Advance(100*time.Millisecond + look)
	if sinks[1].In != "" || sinks[2].In != "input" {
		t.Errorf("got %q and %q", sinks[1].In, sinks[2].In)
	}
	conns[1].Do(func(ch *channel.Channel) { ch.SetReading(true) })
	l.Advance(time.Second)
	if sinks[1].In != "input" {
		t.Errorf("got %q", sinks[1].In)
	}
}

// A channel that closes leaves its turn to the next one, although it is still there.
func TestTurnOfClosing(t *testing.T) {
	l, w := crowd(t)
	conns, sinks := several(l, 1)
	lingers, held := l.Open(new(channeltest.Sink), channel.Options{}), new(channeltest.Sink)
	lingers.SetSink(held)
	lacking(held)
	held.Channel = &lingers.Channel
	lacking(sinks[0])
	lingers.Feed("\x05h")
	conns[0].Feed("\x05h")
	w.fill(tight)
	lingers.Feed("e")
	conns[0].Feed("ello")
	if sinks[0].In != "" {
		t.Fatal("it did not wait for its turn")
	}
	lingers.Do(func(ch *channel.Channel) { ch.Close(nil) })
	l.Advance(look)
	if sinks[0].In != "hello." {
		t.Errorf("got %q", sinks[0].In)
	}
	lingers.FeedEOF()
}
