package channel_test

import (
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// Every loop has its own value of a Local, made once.
func TestLocal(t *testing.T) {
	made := 0
	counter := channel.NewLocal(func(*channel.Loop) *int { made++; return new(int) })
	other := channel.NewLocal(func(l *channel.Loop) *channel.Loop { return l })
	a, b := channeltest.NewLoop(t), channeltest.NewLoop(t)
	*counter.Of(a.Loop) += 2
	*counter.Of(a.Loop) += 3
	*counter.Of(b.Loop)++
	if *counter.Of(a.Loop) != 5 || *counter.Of(b.Loop) != 1 || made != 2 {
		t.Errorf("values %d and %d, made %d times", *counter.Of(a.Loop), *counter.Of(b.Loop), made)
	}
	if other.Of(a.Loop) != a.Loop || other.Of(b.Loop) != b.Loop {
		t.Error("a value was made for the wrong loop")
	}
	if n := testing.AllocsPerRun(100, func() { counter.Of(a.Loop) }); n != 0 {
		t.Errorf("Of allocates %v times", n)
	}
}

// A sink that calls KeepOpen in EOF can still answer, and closes the channel itself.
func TestKeepOpen(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(channeltest.Sink)
	s.OnEOF = func() error { s.Channel.KeepOpen(); return nil }
	c := l.Open(s, channel.Options{})
	c.FeedEOF()
	if _, closed := c.Told(); closed || c.Wire.Ended() {
		t.Fatal("the channel has closed with the peer's end")
	}
	c.Do(func(ch *channel.Channel) {
		if err := ch.Write(l.Buf("late")); err != nil {
			t.Error(err)
		}
		ch.Close(nil)
	})
	if _, closed := c.Told(); !closed || c.Wire.Sent() != "late" {
		t.Errorf("closed %v, sent %q", closed, c.Wire.Sent())
	}
}

// Yield has Writable called once, at the end of the turn, also while reading is paused: a channel that sends may do so without
// reading.
func TestYield(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(channeltest.Sink)
	c := l.Open(s, channel.Options{})
	c.Do(func(ch *channel.Channel) {
		ch.SetReading(false)
		ch.Yield()
		ch.Yield()
		if n := len(s.Calls); n != 1 {
			t.Errorf("%d calls by now, of %v", n, s.Calls)
		}
	})
	if len(s.Calls) != 2 || s.Calls[1] != "Writable" || c.Wire.Reading() {
		t.Errorf("calls %v, reading %v", s.Calls, c.Wire.Reading())
	}
	c.Do(func(ch *channel.Channel) { ch.Close(nil); ch.Yield() })
	if n := len(s.Calls); n != 2 {
		t.Errorf("a closing channel was told: %v", s.Calls)
	}
}
