package channel_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// Under pressure one channel reads at a time: those that wait have their turns in the order in which their input came, and
// all have read when there is no more.
func TestPressureOneAtATime(t *testing.T) {
	l, w := crowd(t)
	w.fill(pressed)
	conns, sinks := several(l, 4)
	for i, c := range conns {
		c.Feed("input" + string(rune('0'+i)))
	}
	for i, s := range sinks {
		if want := "input" + string(rune('0'+i)); s.In != want {
			t.Errorf("channel %d got %q", i, s.In)
		}
		if i > 0 && !slices.Equal(conns[i].Wire.Calls(), []string{"read", "pause", "read"}) {
			t.Errorf("channel %d: %v", i, conns[i].Wire.Calls())
		}
	}
	if l.Pauses() != 3 {
		t.Errorf("%d pauses", l.Pauses())
	}
}

// A channel that waits for memory is not halted: what it has received goes on being handled. Those without input notice
// nothing.
func TestPressureDoesNotHalt(t *testing.T) {
	l, w := crowd(t)
	w.fill(tight)
	conns, sinks := several(l, 3)
	conns[0].Feed("has the turn")
	conns[1].Feed("waits")
	if conns[1].Reading() || conns[1].Halted() || conns[1].Unread() != 5 {
		t.Errorf("reading %v, halted %v, %d unread", conns[1].Reading(), conns[1].Halted(), conns[1].Unread())
	}
	if !conns[0].Reading() || !conns[2].Reading() {
		t.Error("the one whose turn it is does not read, or one without input")
	}
	w.drop(0)
	l.Advance(look)
	if sinks[1].In != "waits" || l.Timeout() != -1 {
		t.Errorf("got %q, timeout %v", sinks[1].In, l.Timeout())
	}
	if slices.Contains(sinks[1].Calls, "Writable") {
		t.Error("the sink was told that it may go on, but never that it should not")
	}
}

// When the pressure is over those that wait do not read all at once.
func TestPressureOver(t *testing.T) {
	l, w := crowd(t)
	w.fill(tight)
	conns, sinks := several(l, 300)
	for _, c := range conns {
		c.Feed("input")
	}
	w.drop(0)
	l.Clock.Advance(look)
	had, turns := 1, 0
	for last := 0; had < 300; turns++ {
		l.Turn()
		now := 0
		for _, s := range sinks {
			if s.In != "" {
				now++
			}
		}
		if now-had > max(2*last, 1) || now-had > 64 {
			t.Errorf("%d have read in one turn, after %d", now-had, last)
		}
		last, had = now-had, now
		if turns > 100 {
			t.Fatalf("%d of 300 have read", had)
		}
	}
}

// At the limit nothing is closed, and those who wait are served as soon as there is memory.
func TestAtTheLimit(t *testing.T) {
	for _, n := range []int{1, 50} {
		l, w := crowd(t)
		conns, sinks := several(l, n)
		w.fill(short)
		w.crumbs()
		for _, c := range conns {
			c.Feed("input")
		}
		before := l.Pauses()
		l.Advance(10 * look)
		if tries := l.Pauses() - before; tries > 20 {
			t.Errorf("%d tries of %d channels in 100 ms", tries, n)
		}
		for i, c := range conns {
			if sinks[i].In != "" || c.Closing() || c.Reading() {
				t.Errorf("channel %d: got %q, closing %v, reading %v", i, sinks[i].In, c.Closing(), c.Reading())
			}
		}
		w.drop(0)
		l.Advance(12 * look) // when the limit was reached it is not taken for gone at once
		for i, s := range sinks {
			if s.In != "input" {
				t.Errorf("channel %d got %q", i, s.In)
			}
		}
	}
}

// Channels that are closed while they wait, or have the turn, leave it to the others, and the list does not keep them.
func TestClosedWhileWaiting(t *testing.T) {
	l, w := crowd(t)
	w.fill(tight)
	conns, sinks := several(l, 200)
	for _, c := range conns {
		c.Feed("input")
	}
	for _, c := range conns[:199] {
		c.Do(func(ch *channel.Channel) { ch.Abort(nil) })
	}
	l.Advance(11 * look)
	if sinks[199].In != "input" {
		t.Error("the last one waits for the dead")
	}
	if l.Timeout() != -1 {
		t.Errorf("nobody waits, and the timeout is %v", l.Timeout())
	}
}

// The peer's end is seen in turn, also at the limit, and closing channels take in and drop what comes without memory of the pool.
func TestEndsAtTheLimit(t *testing.T) {
	l, w := crowd(t)
	conns, sinks := several(l, 2)
	slow := l.Open(new(channeltest.Sink), channel.Options{})
	w.fill(short)
	conns[0].Feed("input")
	conns[1].FeedEOF()
	if !slices.Contains(sinks[1].Calls, "EOF") {
		t.Error("the end of a peer needs no memory")
	}
	slow.Do(func(ch *channel.Channel) { ch.Close(nil) })
	slow.Feed(strings.Repeat("dropped", 10_000))
	if slow.Unread() != 0 {
		t.Errorf("%d bytes keep a closing channel from its peer's end", slow.Unread())
	}
	slow.FeedEOF()
	if _, closed := slow.Told(); !closed {
		t.Error("not closed")
	}
	if got := slow.Wire.Calls(); slices.Contains(got, "abort") {
		t.Errorf("%v", got)
	}
}
