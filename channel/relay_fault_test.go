package channel_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// A side that takes nothing does not keep a silent relay alive, however often its output is tried.
func TestRelayIdleStalled(t *testing.T) {
	j := relay(t, channel.RelayOptions{Idle: time.Minute})
	j.a.Stall()
	j.Advance(30 * time.Second)
	j.b.Feed("x")
	j.Advance(31 * time.Second)
	j.a.Do(func(*channel.Channel) {})
	j.Advance(31 * time.Second)
	if !j.a.Closing() || !j.b.Closing() {
		t.Error("the relay goes on")
	}
	j.a.Unstall()
	j.ended(t, channel.ErrRelayIdle)
}

// What waits for a tap does not grow with the number of relays that come and go.
func TestTapFullForNewRelays(t *testing.T) {
	w := &slowWriter{next: make(chan struct{})}
	tap := channel.NewTap(w, channel.TapOptions{Limit: 10, Patience: time.Second})
	first := relay(t, channel.RelayOptions{TapA: tap})
	first.a.Feed("0123456789")
	for range 20 {
		j := relay(t, channel.RelayOptions{TapA: tap})
		j.a.Feed("more")
		if j.b.Wire.Sent() != "" || j.a.Wire.Reading() {
			t.Fatalf("sent %q although the tap is full", j.b.Wire.Sent())
		}
		j.Advance(2 * time.Second)
		j.ended(t, channel.ErrTapStalled)
	}
	close(w.next)
	if err := tap.Close(); err != nil || w.String() != "0123456789" {
		t.Errorf("%v, the tap has %q", err, w.String())
	}
}

// Whatever panics, a relay ends, and tells it once.
func TestRelayEndsAfterPanics(t *testing.T) {
	open := func(t *testing.T, closed func(error), o channel.Options) (j *joint, options channel.RelayOptions) {
		l := channeltest.NewLoop(t)
		o.Linger = -1
		j = &joint{Loop: l, a: l.Open(&channeltest.Sink{OnClosed: closed}, o), b: l.Open(new(channeltest.Sink), channel.Options{Linger: -1})}
		return j, channel.RelayOptions{Ended: func(r channel.RelayResult) { j.results = append(j.results, r) }}
	}
	bad := errors.New("bad")
	t.Run("former sink", func(t *testing.T) {
		j, o := open(t, func(error) { panic("sink") }, channel.Options{})
		j.Protect(func() {
			j.a.Do(func(ch *channel.Channel) {
				if err := channel.Relay(ch, &j.b.Channel, o); err != nil {
					t.Error(err)
				}
				ch.Abort(bad)
			})
		})
		j.ended(t, bad)
		j.Panics()
	})
	t.Run("closing", func(t *testing.T) {
		times := 0
		j, o := open(t, nil, channel.Options{Closing: func(*channel.Channel, error) {
			if times++; times == 1 {
				panic("closing")
			}
		}})
		j.a.Do(func(ch *channel.Channel) {
			if err := channel.Relay(ch, &j.b.Channel, o); err != nil {
				t.Error(err)
			}
		})
		j.a.Do(func(ch *channel.Channel) { ch.AfterFunc(time.Second, func() { ch.Close(nil) }) })
		j.Advance(2 * time.Second)
		j.Settle()
		if !j.b.Closing() || len(j.results) != 1 {
			t.Errorf("b closes: %v, results %+v", j.b.Closing(), j.results)
		}
		j.Panics()
	})
}

// A peer that is slow makes the other side wait, also if a read is more than its queue may hold.
func TestRelayAboveMax(t *testing.T) {
	l := channeltest.NewLoop(t)
	j := &joint{Loop: l, a: l.Open(new(channeltest.Sink), channel.Options{Linger: -1}),
		b: l.Open(new(channeltest.Sink), channel.Options{Linger: -1, Marks: channel.Watermark{Low: 50, High: 100, Max: 150}})}
	j.a.Do(func(ch *channel.Channel) {
		if err := channel.Relay(ch, &j.b.Channel, channel.RelayOptions{}); err != nil {
			t.Error(err)
		}
	})
	j.b.Stall()
	j.a.Feed(strings.Repeat("x", 90))
	j.a.Feed(strings.Repeat("y", 90))
	if j.a.Closing() || j.b.Closing() || j.a.Wire.Reading() {
		t.Errorf("a closes: %v, b closes: %v, a reads: %v", j.a.Closing(), j.b.Closing(), j.a.Wire.Reading())
	}
	j.b.Unstall()
	j.Settle()
	if n := len(j.b.Wire.Sent()); n != 180 {
		t.Errorf("%d bytes were sent, want 180", n)
	}
}

// panicWriter is a tap's writer with a fault.
type panicWriter struct{}

func (panicWriter) Write([]byte) (int, error) { panic("writer") }

func TestTapPanics(t *testing.T) {
	tap := channel.NewTap(panicWriter{}, channel.TapOptions{Limit: 3})
	j := relay(t, channel.RelayOptions{TapA: tap})
	j.a.Feed("more than the limit")
	for j.a.Wire.Reading() == false && !j.a.Closing() {
		j.Wait()
	}
	j.a.Feed("and more")
	var p *channel.PanicError
	if err := tap.Close(); !errors.As(err, &p) {
		t.Errorf("Close: %v, want a PanicError", err)
	}
	if len(j.results) != 1 || !errors.As(j.results[0].Err, &p) {
		t.Errorf("results %+v, want one with a PanicError", j.results)
	}
}
