package channel_test

import (
	"io"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// Sources that stand one behind the other are asked also when the first has given just as much as fits into a turn.
func TestSourcesAtTheTurnsEnd(t *testing.T) {
	const turn = 1 << 20
	for _, pieces := range [][]string{{strings.Repeat("x", turn-1)}, {strings.Repeat("x", turn-1), ""}} {
		l := channeltest.NewLoop(t)
		c := l.Open(new(channeltest.Sink), channel.Options{})
		first := &given{t: t}
		for _, p := range pieces {
			first.add(text(l, p))
		}
		c.Do(func(ch *channel.Channel) {
			ch.WriteSource(first, turn-1)
			ch.WriteSource((&given{t: t}).add(text(l, "x")), 1)
		})
		l.Settle()
		if n := c.Wire.Total(); n != turn {
			t.Errorf("%d bytes were sent, want %d", n, turn)
		}
	}
}

// A piece that comes with the end is not wanted, and not lost.
func TestSourcePieceWithEnd(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	s := (&given{t: t}).add(text(l, "x"), func() (channel.Part, error) { return l.Buf("y"), io.EOF })
	c.Do(func(ch *channel.Channel) { ch.WriteSource(s, 1) })
	l.Settle()
	if c.Wire.Sent() != "x" || s.released != 1 {
		t.Errorf("sent %q, released %d times", c.Wire.Sent(), s.released)
	}
}

// angry is a Source whose Release panics.
type angry struct{}

func (angry) Next() (channel.Part, error) { return nil, nil }
func (angry) Release()                    { panic("released") }

// A Source that panics when it is released does not keep its channel from being closed.
func TestSourceReleasePanics(t *testing.T) {
	l := channeltest.NewLoop(t)
	told := 0
	c := l.Open(&channeltest.Sink{OnClosed: func(error) { told++ }}, channel.Options{Linger: -1})
	behind := &given{t: t}
	c.Do(func(ch *channel.Channel) {
		ch.WriteSource(angry{}, 1)
		ch.WriteSource(behind, 1)
	})
	l.Protect(func() { c.Do(func(ch *channel.Channel) { ch.Abort(nil) }) })
	l.Protect(l.Settle)
	if told != 1 || behind.released != 1 || l.Channels() != 0 {
		t.Errorf("told %d times, released %d times, %d channels are left", told, behind.released, l.Channels())
	}
	if p := l.Panics(); len(p) != 1 {
		t.Errorf("panics %v", p)
	}
}
