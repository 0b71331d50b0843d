package channel_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// timed opens a channel and returns a function that makes timers which note their name and the time.
func timed(l *channeltest.Loop) (c *channeltest.Conn, after func(string, time.Duration) *channel.Timer, ran *[]string) {
	c = l.Open(new(channeltest.Sink), channel.Options{Linger: -1})
	ran = new([]string)
	after = func(name string, d time.Duration) *channel.Timer {
		return c.AfterFunc(d, func() { *ran = append(*ran, name+" "+l.Now().String()) })
	}
	return c, after, ran
}

func wantRan(t *testing.T, ran *[]string, want ...string) {
	t.Helper()
	if !slices.Equal(*ran, want) {
		t.Errorf("ran %q, want %q", *ran, want)
	}
}

func TestTimerOrder(t *testing.T) {
	l := channeltest.NewLoop(t)
	_, after, ran := timed(l)
	after("c", 3*time.Second)
	after("a", time.Second)
	after("b", 2*time.Second)
	after("never", time.Duration(math.MaxInt64))
	l.Advance(1)
	after("never either", time.Duration(math.MaxInt64))
	after("now", 0)
	after("long ago", -time.Hour)
	l.Advance(10 * time.Second)
	slices.Sort((*ran)[:2]) // due at the same moment
	wantRan(t, ran, "long ago 2ns", "now 2ns", "a 1s", "b 2s", "c 3s")
}

func TestTimerReset(t *testing.T) {
	l := channeltest.NewLoop(t)
	_, after, ran := timed(l)
	later := after("later", 2*time.Second)
	earlier := after("earlier", 8*time.Second)
	again := after("again", time.Second)
	both := after("both", 4*time.Second)
	later.Reset(6 * time.Second)
	earlier.Reset(3 * time.Second)
	both.Reset(time.Minute)
	both.Reset(5 * time.Second)
	l.Advance(2 * time.Second)
	wantRan(t, ran, "again 1s")
	again.Reset(2 * time.Second) // after it has run
	l.Advance(8 * time.Second)
	l.Advance(time.Hour)
	wantRan(t, ran, "again 1s", "earlier 3s", "again 4s", "both 5s", "later 6s")
}

func TestTimerStop(t *testing.T) {
	l := channeltest.NewLoop(t)
	_, after, ran := timed(l)
	a, b, c := after("a", time.Second), after("b", 2*time.Second), after("c", 3*time.Second)
	b.Stop()
	b.Stop()
	l.Advance(time.Second)
	a.Stop() // it has run
	c.Stop()
	c.Reset(time.Second)
	l.Advance(time.Minute)
	wantRan(t, ran, "a 1s", "c 2s")
}

// A timer may set itself again, at once too: then it runs in the next turn and does not hold up the loop.
func TestTimerResetInside(t *testing.T) {
	l := channeltest.NewLoop(t)
	c, _, _ := timed(l)
	n := 0
	var tick *channel.Timer
	tick = c.AfterFunc(time.Second, func() { n++; tick.Reset(time.Second) })
	l.Advance(10 * time.Second)
	if n != 10 {
		t.Errorf("ran %d times in 10 s", n)
	}
	tick.Stop()

	var busy *channel.Timer
	busy = c.AfterFunc(0, func() { n++; busy.Reset(0) })
	n = 0
	l.Clock.Advance(time.Second)
	l.Turn()
	l.Turn()
	if n != 1 {
		t.Errorf("ran %d times while the clock stood still", n)
	}
	busy.Stop()
}

func TestTimerStopInside(t *testing.T) {
	l := channeltest.NewLoop(t)
	c, after, ran := timed(l)
	var a, b *channel.Timer
	a = c.AfterFunc(time.Second, func() { a.Stop(); b.Stop() })
	b = after("b", 2*time.Second)
	l.Advance(time.Minute)
	wantRan(t, ran)
}

func TestTimersStopOnClose(t *testing.T) {
	l := channeltest.NewLoop(t)
	c, after, ran := timed(l)
	stopped := after("a", time.Second)
	set := after("b", 2*time.Second)
	stopped.Stop()
	c.Close(nil)
	l.Settle()
	stopped.Reset(time.Second)
	set.Reset(time.Second)
	set.Stop()
	l.Advance(time.Minute)
	wantRan(t, ran)
	if l.Timeout() >= 0 {
		t.Error("the loop has a reason to wake up")
	}
}

func TestTooManyTimers(t *testing.T) {
	l := channeltest.NewLoop(t)
	c, after, ran := timed(l)
	for range channel.MaxTimers - 1 {
		after("x", time.Hour)
	}
	last := after("last", time.Second)
	last.Stop()
	after("another", time.Second)
	l.Protect(func() {
		defer func() {
			if r := recover(); r != channel.ErrTooManyTimers {
				t.Errorf("one more: %v", r)
			}
		}()
		last.Reset(time.Second)
	})
	l.Advance(time.Second)
	wantRan(t, ran, "another 1s")
	if c.Closing() {
		t.Error("the channel was closed")
	}
}

// What a timer costs that every message sets to a later time.
func TestTimerResetAllocs(t *testing.T) {
	l := channeltest.NewLoop(t)
	_, after, _ := timed(l)
	for range 100 {
		after("other", time.Hour)
	}
	idle := after("idle", time.Minute)
	if n := testing.AllocsPerRun(1000, func() {
		l.Clock.Advance(time.Millisecond)
		l.Tick()
		idle.Reset(time.Minute)
		idle.Reset(time.Second)
		idle.Stop()
		idle.Reset(time.Minute)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestTimeout(t *testing.T) {
	l := channeltest.NewLoop(t)
	c, after, _ := timed(l)
	if d := l.Timeout(); d >= 0 {
		t.Errorf("nothing to do: %v", d)
	}
	after("a", time.Second)
	if d := l.Timeout(); d != time.Second {
		t.Errorf("a timer: %v", d)
	}
	l.Clock.Advance(2 * time.Second)
	if d := l.Timeout(); d != 0 {
		t.Errorf("a timer that is due: %v", d)
	}
	l.Settle()
	c.Write(l.Buf("x"))
	if d := l.Timeout(); d != 0 {
		t.Errorf("a channel with something to send: %v", d)
	}
	l.Settle()
	c.Remote().Do(func(*channel.Channel, error) {})
	if d := l.Timeout(); d != 0 {
		t.Errorf("a call: %v", d)
	}
}

// A loop that is late runs timers in the order in which they were due, also one that had been set to a later time.
func TestTimersWhenLate(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	var order []string
	var reset *channel.Timer
	c.Do(func(ch *channel.Channel) {
		reset = ch.AfterFunc(time.Second, func() { order = append(order, "reset") })
		ch.AfterFunc(2*time.Second, func() { order = append(order, "other") })
		reset.Reset(3 * time.Second)
	})
	l.Advance(time.Minute)
	if !slices.Equal(order, []string{"other", "reset"}) {
		t.Errorf("timers ran in the order %v", order)
	}
}
