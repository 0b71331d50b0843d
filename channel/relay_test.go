package channel_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// joint is a relay of two scripted connections.
type joint struct {
	*channeltest.Loop
	a, b    *channeltest.Conn
	results []channel.RelayResult
}

func relay(t *testing.T, o channel.RelayOptions) *joint {
	t.Helper()
	l := channeltest.NewLoop(t)
	j := &joint{Loop: l, a: l.Open(new(channeltest.Sink), channel.Options{Linger: -1}), b: l.Open(new(channeltest.Sink), channel.Options{Linger: -1})}
	o.Ended = func(r channel.RelayResult) { j.results = append(j.results, r) }
	j.a.Do(func(ch *channel.Channel) {
		if err := channel.Relay(ch, &j.b.Channel, o); err != nil {
			t.Fatal(err)
		}
	})
	return j
}

// ended fails unless the relay has ended once, with this cause.
func (j *joint) ended(t *testing.T, want error) channel.RelayResult {
	t.Helper()
	j.Settle()
	if len(j.results) != 1 || !errors.Is(j.results[0].Err, want) {
		t.Fatalf("results %+v, want one with the cause %v", j.results, want)
	}
	return j.results[0]
}

func TestRelay(t *testing.T) {
	j := relay(t, channel.RelayOptions{})
	j.a.Feed("one")
	j.b.Feed("two")
	j.a.FeedEOF()
	if !j.b.Wire.Ended() || j.a.Wire.Ended() || j.a.Closing() {
		t.Error("the end of a is not that of b, or more than that")
	}
	j.b.Feed("three")
	j.b.FeedEOF()
	if j.a.Wire.Sent() != "twothree" || j.b.Wire.Sent() != "one" {
		t.Errorf("a was sent %q, b %q", j.a.Wire.Sent(), j.b.Wire.Sent())
	}
	if r := j.ended(t, nil); r.FromA.Copied != 3 || r.FromB.Copied != 8 {
		t.Errorf("%+v", r)
	}
	if s := j.RelayStats(); s.Copied != 11 || s.Spliced != 0 {
		t.Errorf("the loop counts %+v", s)
	}
}

// Each side waits for the other, and only for that.
func TestRelayPressure(t *testing.T) {
	j := relay(t, channel.RelayOptions{})
	j.b.Stall()
	piece := strings.Repeat("x", 30_000)
	for range 10 {
		j.a.Feed(piece)
	}
	if n := j.b.Queued(); n > 100_000 || j.a.Unread() == 0 || j.a.Wire.Reading() {
		t.Errorf("%d bytes are queued, %d wait, a reads: %v", n, j.a.Unread(), j.a.Wire.Reading())
	}
	j.b.Feed("back")
	if j.a.Wire.Sent() != "back" {
		t.Errorf("the other direction has sent %q", j.a.Wire.Sent())
	}
	j.b.Unstall()
	if n := len(j.b.Wire.Sent()); n != 300_000 || !j.a.Wire.Reading() {
		t.Errorf("%d bytes were sent, a reads: %v", n, j.a.Wire.Reading())
	}
	j.a.Break(errors.New("gone"))
	j.Settle()
	if !j.b.Wire.Aborted() {
		t.Error("b was not aborted")
	}
}

// hoarder keeps what it gets.
type hoarder struct {
	channeltest.Sink
	kept *buffer.Buf
}

func (h *hoarder) Read(b *buffer.Buf) error {
	h.Channel.Keep()
	h.kept = b
	return nil
}

func (h *hoarder) Leftover() *buffer.Buf { b := h.kept; h.kept = nil; return b }

// A relay that a sink begins while it reads takes over when the call is over, what that call has written first.
func TestRelayTakesOver(t *testing.T) {
	l := channeltest.NewLoop(t)
	h := new(hoarder)
	a := l.Open(h, channel.Options{})
	s := new(channeltest.Sink)
	b := l.Open(s, channel.Options{})
	s.OnRead = func(in *buffer.Buf) error {
		in.Release()
		s.Channel.SetReading(false)
		if err := channel.Relay(s.Channel, &a.Channel, channel.RelayOptions{}); err != nil {
			return err
		}
		if s.Calls[len(s.Calls)-1] == "Closed" {
			t.Error("Closed inside Read")
		}
		return s.Channel.Write(l.Buf("granted, "))
	}
	a.Feed("left over, ")
	b.Feed("CONNECT")
	b.Feed("more")
	a.Feed("and new")
	if b.Wire.Sent() != "granted, left over, and new" || a.Wire.Sent() != "more" {
		t.Errorf("b was sent %q, a %q", b.Wire.Sent(), a.Wire.Sent())
	}
	if got := strings.Join(s.Calls, " "); got != "Open Read ReadDone Closed" {
		t.Errorf("calls %q", got)
	}
}

// RelayTo joins a channel that is opened for another, and ends it if that is gone.
func TestRelayTo(t *testing.T) {
	l := channeltest.NewLoop(t)
	a := l.Open(new(channeltest.Sink), channel.Options{Linger: -1})
	open := channel.RelayTo(&a.Channel, channel.RelayOptions{})
	b := l.Open(open(nil), channel.Options{Linger: -1})
	b.Feed("hello")
	if a.Wire.Sent() != "hello" {
		t.Errorf("sent %q", a.Wire.Sent())
	}
	a.Break(errors.New("gone"))
	late := l.Open(open(nil), channel.Options{Linger: -1})
	l.Settle()
	if !late.Closing() || !b.Closing() {
		t.Error("a channel outlives the one that it was for")
	}
}

func TestRelayIdle(t *testing.T) {
	j := relay(t, channel.RelayOptions{Idle: time.Minute})
	for range 3 {
		j.Advance(59 * time.Second)
		j.a.Feed("x")
		j.Advance(59 * time.Second)
		j.b.Feed("y")
	}
	if j.a.Closing() {
		t.Fatal("closed though it was not idle")
	}
	j.Advance(61 * time.Second)
	j.a.FeedEOF()
	j.b.FeedEOF()
	j.ended(t, channel.ErrRelayIdle)
}

// A draining relay goes on until it is silent.
func TestRelayDrain(t *testing.T) {
	j := relay(t, channel.RelayOptions{})
	j.Advance(time.Hour)
	j.a.Drain()
	for range 5 {
		j.Advance(900 * time.Millisecond)
		j.b.Feed("reply")
		j.b.Drain()
	}
	if j.a.Closing() || len(j.a.Wire.Sent()) != 25 {
		t.Fatalf("closed, or sent %q", j.a.Wire.Sent())
	}
	j.Advance(time.Second)
	j.a.FeedEOF()
	j.b.FeedEOF()
	j.ended(t, channel.ErrShutdown)
}

// A panic of a sink that is put out of use ends both.
func TestRelayPanic(t *testing.T) {
	l := channeltest.NewLoop(t)
	h := &hoarder{}
	h.OnClosed = func(error) { panic("out of use") }
	a := l.Open(h, channel.Options{Linger: -1})
	b := l.Open(new(channeltest.Sink), channel.Options{Linger: -1})
	a.Feed("kept")
	a.Do(func(ch *channel.Channel) {
		if err := channel.Relay(ch, &b.Channel, channel.RelayOptions{}); err != nil {
			t.Error(err)
		}
	})
	l.Settle()
	if !a.Closing() || !b.Closing() {
		t.Error("open after a panic")
	}
	if p := l.Panics(); len(p) != 1 {
		t.Errorf("panics %v", p)
	}
}

// A writer that waits until it is told.
type slowWriter struct {
	bytes.Buffer
	next chan struct{}
}

func (w *slowWriter) Write(p []byte) (int, error) {
	<-w.next
	return w.Buffer.Write(p)
}

func TestTapStalls(t *testing.T) {
	w := &slowWriter{next: make(chan struct{})}
	tap := channel.NewTap(w, channel.TapOptions{Limit: 10, Patience: time.Minute})
	j := relay(t, channel.RelayOptions{TapA: tap})
	j.a.Feed("0123456789")
	j.a.Feed("more")
	if j.b.Wire.Sent() != "0123456789" || j.a.Wire.Reading() {
		t.Errorf("sent %q, reading %v", j.b.Wire.Sent(), j.a.Wire.Reading())
	}
	w.next <- struct{}{}
	for j.b.Wire.Sent() != "0123456789more" { // calls of the tap come one by one
		j.Wait()
	}
	j.a.Feed("again more")
	j.Advance(61 * time.Second)
	j.ended(t, channel.ErrTapStalled)
	close(w.next)
	if err := tap.Close(); err != nil || w.String() != "0123456789moreagain more" {
		t.Errorf("%v, the tap has %q", err, w.String())
	}
}

func TestTapDrops(t *testing.T) {
	w := &slowWriter{next: make(chan struct{})}
	tap := channel.NewTap(w, channel.TapOptions{Limit: 10, Drop: true})
	j := relay(t, channel.RelayOptions{TapB: tap})
	j.b.Feed("0123456789")
	j.b.Feed("dropped")
	if j.a.Wire.Sent() != "0123456789dropped" {
		t.Errorf("sent %q", j.a.Wire.Sent())
	}
	close(w.next)
	if err := tap.Close(); err != nil || w.String() != "0123456789" {
		t.Errorf("%v, the tap has %q", err, w.String())
	}
	j.b.Feed("later")
	j.a.FeedEOF()
	j.b.FeedEOF()
	if r := j.ended(t, nil); r.FromB.Untapped != 12 || r.FromA.Untapped != 0 || r.FromB.Copied != 22 {
		t.Errorf("%+v", r)
	}
}

// A closed tap that must not drop ends the relay.
func TestTapClosed(t *testing.T) {
	tap := channel.NewTap(new(bytes.Buffer), channel.TapOptions{})
	j := relay(t, channel.RelayOptions{TapA: tap})
	tap.Close()
	j.a.Feed("x")
	j.ended(t, channel.ErrClosed)
	if j.b.Wire.Sent() != "" {
		t.Errorf("sent %q without a copy", j.b.Wire.Sent())
	}
}

func TestRelayAllocations(t *testing.T) {
	j := relay(t, channel.RelayOptions{})
	j.a.Wire.Discard()
	j.b.Wire.Discard()
	round := func() {
		for _, c := range []*channeltest.Conn{j.a, j.b} {
			c.Port.Received(j.Received("a message of some length"))
			c.Port.ReceivedEnd()
		}
		j.Loop.Turn()
	}
	if n := testing.AllocsPerRun(1000, round); n != 0 {
		t.Errorf("%v allocations for two messages", n)
	}
}
