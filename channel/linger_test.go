package channel_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// A peer that does not end its stream is left alone after Options.Linger. What it was sent must not be lost to a reset.
func TestLingerTimeout(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{Linger: 3 * time.Second})
	write(l, c, "bye")
	closeWith(c, nil)
	l.Advance(3*time.Second - 1)
	if c.Wire.Closed() {
		t.Error("closed too early")
	}
	l.Advance(1)
	told(t, c, nil, "read", "pause", "close write", "read", "close")
}

func TestLingerDefault(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	closeWith(c, nil)
	l.Advance(5*time.Second - 1)
	if c.Wire.Closed() {
		t.Error("closed too early")
	}
	l.Advance(1)
	if !c.Wire.Closed() {
		t.Error("not closed")
	}
}

func TestNoLinger(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{Linger: -1})
	closeWith(c, nil)
	told(t, c, nil, "read", "pause", "close write", "close")
}

// A peer that goes on sending after the close is heard out for a while, then reset.
func TestLingerFlood(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(channeltest.Sink)
	c := l.Open(s, channel.Options{})
	closeWith(c, nil)
	for range 64 << 20 / (64 << 10) {
		c.Feed(strings.Repeat("x", 64<<10))
	}
	if c.Wire.Closed() {
		t.Error("closed after 64 MiB of input")
	}
	c.Feed("x")
	told(t, c, nil, "read", "pause", "close write", "read", "abort")
	if s.In != "" {
		t.Error("a closing channel has delivered input")
	}
}

// How the peer leaves does not matter once everything was sent.
func TestBreakWhileLingering(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	closeWith(c, nil)
	c.Break(errTest)
	told(t, c, nil, "read", "pause", "close write", "read", "close")
}

// A peer that takes nothing more is given up, and the cause says so.
func TestRestNotTaken(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{FlushTimeout: time.Second})
	c.Stall()
	write(l, c, "never taken")
	closeWith(c, nil)
	l.Advance(time.Second)
	told(t, c, channel.ErrFlushTimeout, "read", "pause", "abort")
}

// By default that takes a minute, and it can be asked never to end.
func TestRestNotTakenForLong(t *testing.T) {
	for _, timeout := range []time.Duration{0, -1} {
		l := channeltest.NewLoop(t)
		c := l.Open(new(channeltest.Sink), channel.Options{FlushTimeout: timeout})
		c.Stall()
		write(l, c, "taken late")
		closeWith(c, nil)
		l.Advance(time.Minute - 1)
		if timeout < 0 {
			l.Advance(24 * time.Hour)
		}
		c.Unstall()
		c.FeedEOF()
		if c.Wire.Total() != 10 {
			t.Errorf("timeout %v: %d bytes were sent", timeout, c.Wire.Total())
		}
		told(t, c, nil, "read", "pause", "close write", "read", "close")
	}
}

// Without linger, too, there is an end to waiting for the rest to be taken.
func TestRestNotTakenNoLinger(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{Linger: -1})
	c.Stall()
	write(l, c, "never taken")
	closeWith(c, errTest)
	l.Advance(time.Minute)
	told(t, c, errTest, "read", "pause", "abort")
}

// A slow peer is given time as long as it takes something, and then the full time to end its stream.
func TestSlowPeer(t *testing.T) {
	for _, what := range []string{"bytes", "file"} {
		l := channeltest.NewLoop(t)
		c := l.Open(new(channeltest.Sink), channel.Options{Linger: time.Second})
		c.Stall()
		if what == "file" {
			c.Do(func(ch *channel.Channel) { ch.WriteFile(l.File("0123456789")) })
		} else {
			write(l, c, "0123456789")
		}
		closeWith(c, nil)
		for range 9 {
			c.Wire.Add(channeltest.Take(1), channeltest.Again())
			c.Unstall()
			l.Advance(900 * time.Millisecond)
		}
		if c.Wire.Closed() {
			t.Fatalf("%s: given up although the peer takes them: %v", what, c.Cause())
		}
		c.Unstall() // the last one
		l.Advance(time.Second - 1)
		if !c.Wire.Ended() || c.Wire.Closed() {
			t.Errorf("%s: ended %v, closed %v", what, c.Wire.Ended(), c.Wire.Closed())
		}
		l.Advance(1)
		told(t, c, nil, "read", "pause", "close write", "read", "close")
	}
}

// A channel with as many timers as it may have can close all the same.
func TestLingerWithAllTimers(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	for range channel.MaxTimers {
		c.AfterFunc(time.Hour, func() {})
	}
	closeWith(c, nil)
	l.Advance(5 * time.Second)
	told(t, c, nil, "read", "pause", "close write", "read", "close")
}
