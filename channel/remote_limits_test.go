package channel_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// The calls that wait are bounded, in number and in bytes.
func TestRemoteFull(t *testing.T) {
	l := channeltest.NewLoop(t, func(c *channel.LoopConfig) { c.MaxCalls, c.MaxCallBytes = 4, 10 })
	c := l.Open(new(channeltest.Sink), channel.Options{})
	r := c.Remote()
	if err := r.Write(l.Buf(strings.Repeat("x", 100))); err != nil {
		t.Error("one write beyond the bytes, alone:", err)
	}
	if err := r.Write(l.Buf("y")); err != channel.ErrRemoteFull {
		t.Error("a write beyond the bytes:", err)
	}
	full, ran := 0, 0
	for range 5 {
		r.Do(func(_ *channel.Channel, err error) {
			if ran++; err == channel.ErrRemoteFull {
				full++
			}
		})
	}
	if full != 2 {
		t.Errorf("%d of 5 calls were refused at once, want 2", full)
	}
	var err error
	if l.Do(func(e error) { err = e }); err != channel.ErrRemoteFull {
		t.Error("Post:", err)
	}
	l.Settle()
	if ran != 5 || c.Wire.Total() != 100 {
		t.Errorf("%d callbacks ran, %d bytes were sent", ran, c.Wire.Total())
	}
	if err := r.Write(l.Buf("z")); err != nil {
		t.Error("after the queue has drained:", err)
	}
}

// Every callback runs exactly once, whatever the loop does meanwhile.
func TestRemoteExactlyOnce(t *testing.T) {
	for _, calls := range []int{0, 50} {
		l := channeltest.NewLoop(t, func(c *channel.LoopConfig) { c.MaxCalls = calls })
		c := l.Open(new(channeltest.Sink), channel.Options{})
		r := c.Remote()
		const goroutines, each = 4, 500
		var ran [goroutines * each]atomic.Int32
		var wg sync.WaitGroup
		for g := range goroutines {
			wg.Go(func() {
				for i := range each {
					r.Do(func(ch *channel.Channel, err error) {
						ran[g*each+i].Add(1)
						if (ch == nil) != (err != nil) {
							t.Errorf("channel %v, error %v", ch, err)
						}
					})
					l.Do(func(error) { ran[g*each+i].Add(1) })
					r.Write(l.Pool.Alloc(0))
				}
			})
		}
		for i := range 50 {
			l.Turn()
			if i == 25 {
				c.Abort(nil)
			}
		}
		l.Stop()
		wg.Wait()
		for i := range ran {
			if n := ran[i].Load(); n != 2 {
				t.Fatalf("callback %d ran %d times, want 1 of the channel and 1 of the loop", i, n)
			}
		}
	}
}

// A stopped loop refuses calls that wait and later ones.
func TestRemoteStopped(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	r := c.Remote()
	c.Abort(nil)
	l.Turn()
	var got []error
	note := func(_ *channel.Channel, err error) { got = append(got, err) }
	r.Do(note)
	r.Write(l.Buf("released"))
	l.Stop()
	r.Do(note)
	if len(got) != 2 || got[0] != channel.ErrClosed || got[1] != channel.ErrClosed {
		t.Errorf("got %v", got)
	}
	if err := r.Write(l.Pool.Alloc(1)); err != channel.ErrClosed {
		t.Error("Write:", err)
	}
	var err error
	if l.Do(func(e error) { err = e }); err != channel.ErrClosed {
		t.Error("Post:", err)
	}
}

// Wake is called at most once per wait, and not when the loop is awake.
func TestWake(t *testing.T) {
	woken := 0
	l := channeltest.NewLoop(t, func(c *channel.LoopConfig) { c.Wake = func() { woken++ } })
	post := func() { l.Do(func(error) {}) }
	post()
	if woken != 0 {
		t.Error("woken although it does not wait")
	}
	l.Loop.Turn()
	l.Timeout()
	post()
	post()
	if woken != 1 {
		t.Errorf("woken %d times", woken)
	}
	l.Loop.Turn()
	post()
	if woken != 1 {
		t.Error("woken although it does not wait")
	}
}

func TestRemoteAllocs(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	c.Wire.Discard()
	r := c.Remote()
	if n := testing.AllocsPerRun(1000, func() {
		for range 4 {
			r.Write(l.Buf("message"))
		}
		l.Loop.Turn()
	}); n != 0 {
		t.Errorf("%v allocations for 4 writes", n)
	}
}

// A call that carries a buffer counts as its bytes, and the buffer is released when the call is not made.
func TestRemoteDoWith(t *testing.T) {
	l := channeltest.NewLoop(t, func(c *channel.LoopConfig) { c.MaxCallBytes = 10 })
	c := l.Open(new(channeltest.Sink), channel.Options{})
	r := c.Remote()
	b := l.Buf("12345678")
	if err := r.DoWith(b, func(ch *channel.Channel, err error) {
		if err == nil {
			err = ch.Write(b)
		}
		if err != nil {
			t.Error(err)
		}
	}); err != nil {
		t.Error(err)
	}
	never := func(*channel.Channel, error) { t.Error("a call that was refused was made") }
	if err := r.DoWith(l.Buf("abc"), never); err != channel.ErrRemoteFull {
		t.Errorf("beyond the bytes: %v", err)
	}
	l.Settle()
	c.Abort(nil)
	l.Settle()
	late := l.Buf("late")
	ran := 0
	if err := r.DoWith(late, func(ch *channel.Channel, err error) {
		if ran++; ch != nil || err != channel.ErrClosed {
			t.Errorf("channel %v, error %v", ch, err)
		}
		late.Release()
	}); err != nil {
		t.Error(err)
	}
	l.Settle()
	if ran != 1 || c.Wire.Sent() != "12345678" {
		t.Errorf("ran %d times, sent %q", ran, c.Wire.Sent())
	}
}
