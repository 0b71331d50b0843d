package channel_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

var marks = channel.Options{Marks: channel.Watermark{Low: 4, High: 8, Max: 16}}

func TestReadingPauses(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := channeltest.Echo()
	c := l.Open(s, marks)
	c.Stall()
	c.Feed("01234567")
	if !c.Wire.Reading() || !c.Writable() || c.Halted() {
		t.Error("paused at the high mark, not above it")
	}
	c.Feed("8")
	if c.Wire.Reading() || c.Writable() || !c.Halted() {
		t.Error("reads above the high mark")
	}
	c.Feed("later")
	if c.Unread() != 5 || c.Queued() != 9 {
		t.Errorf("%d unread, %d queued", c.Unread(), c.Queued())
	}

	c.Wire.Add(channeltest.Take(4), channeltest.Again()) // down to 5
	c.Unstall()
	if c.Wire.Reading() || slices.Contains(s.Calls, "Writable") {
		t.Error("resumed above the low mark")
	}
	c.Wire.Add(channeltest.Take(1), channeltest.Again()) // down to 4
	c.Unstall()
	if n := len(s.Calls); s.Calls[n-3] != "Writable" || s.Calls[n-2] != "Read" {
		t.Errorf("calls %v, want Writable before the next Read", s.Calls)
	}
	c.Unstall()
	if got := c.Wire.Sent(); got != "012345678later" {
		t.Errorf("sent %q", got)
	}
	if want := []string{"read", "pause", "read", "pause", "read"}; !slices.Equal(c.Wire.Calls(), want) {
		t.Errorf("backend calls %v, want %v", c.Wire.Calls(), want)
	}
}

// Before it pauses, the channel tries whether the system takes what is queued.
func TestNoPauseWhileTheSystemTakes(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(channeltest.Echo(), marks)
	c.Feed(strings.Repeat("x", 100))
	if got := c.Wire.Calls(); !slices.Equal(got, []string{"read"}) {
		t.Errorf("backend calls %v", got)
	}
}

func TestHardCap(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), marks)
	c.Stall()
	write := func(n int) (err error) {
		c.Do(func(ch *channel.Channel) { err = ch.Write(l.Buf(strings.Repeat("x", n))) })
		return err
	}
	if err := write(10); err != nil {
		t.Error(err)
	}
	if err := write(7); !errors.Is(err, channel.ErrOutboundFull) {
		t.Errorf("17 bytes in a queue of 16: %v", err)
	}
	if err := write(6); err != nil {
		t.Errorf("16 bytes in a queue of 16: %v", err)
	}
	if c.Queued() != 16 {
		t.Errorf("%d bytes are queued", c.Queued())
	}
	var err error
	c.Do(func(ch *channel.Channel) { err = ch.WriteFile(l.File("f")) })
	if !errors.Is(err, channel.ErrOutboundFull) || l.OpenFiles() != 0 {
		t.Errorf("a file beyond the cap: %v, %d open", err, l.OpenFiles())
	}
}

func TestOversizeWriteOnEmptyQueue(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), marks)
	c.Stall()
	c.Do(func(ch *channel.Channel) {
		if err := ch.Write(l.Buf(strings.Repeat("x", 1000))); err != nil {
			t.Error(err)
		}
		if err := ch.Write(l.Buf("y")); !errors.Is(err, channel.ErrOutboundFull) {
			t.Error("a second one:", err)
		}
	})
	c.Unstall()
	c.Do(func(ch *channel.Channel) {
		if err := ch.Write(l.Buf("z")); err != nil {
			t.Error("after the queue has drained:", err)
		}
	})
}

func TestNoCap(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{Marks: channel.Watermark{High: 1, Max: -1}})
	c.Stall()
	c.Do(func(ch *channel.Channel) {
		for range 40 {
			if err := ch.Write(l.Buf(strings.Repeat("x", 1<<20))); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// The side that asks keeps reading while its queue is full, and is told when it may write on.
func TestKeepReading(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(channeltest.Sink)
	told := 0
	s.OnWritable = func() error { told++; return nil }
	c := l.Open(s, channel.Options{KeepReading: true, Marks: channel.Watermark{Low: 4, High: 8}})
	c.Stall()
	write(l, c, "a request that is not taken")
	if c.Writable() || c.Halted() || !c.Wire.Reading() {
		t.Errorf("writable %v, halted %v, reading %v", c.Writable(), c.Halted(), c.Wire.Reading())
	}
	c.Feed("reply")
	if s.In != "reply" {
		t.Errorf("got %q", s.In)
	}
	c.Unstall()
	if told != 1 || !c.Writable() {
		t.Errorf("told %d times, writable %v", told, c.Writable())
	}
}

// A queued file counts as 16 KiB, whatever its size.
func TestFileWeight(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{Marks: channel.Watermark{High: 32 << 10}})
	c.Stall()
	file := func() { c.Do(func(ch *channel.Channel) { ch.WriteFile(l.File(strings.Repeat("x", 1<<20))) }) }
	file()
	file()
	if c.Queued() != 32<<10 || !c.Writable() {
		t.Errorf("two files weigh %d", c.Queued())
	}
	file()
	if c.Queued() != 48<<10 || c.Writable() || c.Wire.Reading() {
		t.Errorf("three files weigh %d", c.Queued())
	}
	c.Wire.Add(channeltest.Take(1<<20), channeltest.Take(1<<20-1), channeltest.Again())
	c.Unstall() // all but one byte of two are gone
	if c.Queued() != 32<<10 || c.Wire.Reading() {
		t.Errorf("the rest weighs %d", c.Queued())
	}
	c.Unstall()
	if c.Queued() != 0 || !c.Wire.Reading() || c.Wire.Total() != 3<<20 {
		t.Errorf("weight %d, sent %d", c.Queued(), c.Wire.Total())
	}
}

func TestDefaults(t *testing.T) {
	for _, c := range []struct{ in, want channel.Watermark }{
		{channel.Watermark{}, channel.Watermark{Low: 32 << 10, High: 64 << 10, Max: 16 << 20}},
		{channel.Watermark{High: 100, Low: 200}, channel.Watermark{Low: 50, High: 100, Max: 16 << 20}},
		{channel.Watermark{High: 64 << 20}, channel.Watermark{Low: 32 << 20, High: 64 << 20, Max: 64 << 20}},
	} {
		if got := (channel.Options{Marks: c.in}).Prepare().Marks; got != c.want {
			t.Errorf("%+v became %+v, want %+v", c.in, got, c.want)
		}
	}
}

// An application that pauses reading by itself stays paused when the queue drains, but may write again.
func TestPausedTwice(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := channeltest.Echo()
	c := l.Open(s, marks)
	c.Stall()
	c.Feed("0123456789")
	c.Do(func(ch *channel.Channel) { ch.SetReading(false) })
	c.Unstall()
	if c.Wire.Reading() {
		t.Error("reading was resumed although SetReading(false) was called")
	}
	if !c.Writable() || !slices.Contains(s.Calls, "Writable") {
		t.Errorf("the queue is empty and the sink was not told: %v", s.Calls)
	}
	s.Calls = nil
	c.Do(func(ch *channel.Channel) { ch.SetReading(true) })
	if !c.Wire.Reading() || !slices.Contains(s.Calls, "Writable") {
		t.Errorf("not resumed: %v", s.Calls)
	}
}

// A channel that closes with a full queue is told nothing when that drains, and does not keep its loop busy.
func TestClosesFull(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := channeltest.Echo()
	c := l.Open(s, marks)
	c.Stall()
	c.Feed("0123456789")
	c.Do(func(ch *channel.Channel) { ch.Close(nil) })
	s.Calls = nil
	c.Unstall() // the loop comes to rest, or this fails
	if len(s.Calls) != 0 || !c.Wire.Ended() || c.Wire.Sent() != "0123456789" {
		t.Errorf("calls %v, ended %v, sent %q", s.Calls, c.Wire.Ended(), c.Wire.Sent())
	}
	c.FeedEOF()
}
