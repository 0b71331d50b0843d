package channel_test

import (
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// One read that is written back: no allocation from Received to the last byte sent.
func TestEchoAllocs(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := channeltest.Echo()
	s.Quiet = true
	c := l.Open(s, channel.Options{})
	c.Wire.Discard()
	const message = "a message of some size, but not large"
	if n := testing.AllocsPerRun(1000, func() {
		c.Received(l.Received(message))
		c.ReceivedEnd()
		l.Loop.Turn()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if c.Wire.Total() != 1001*int64(len(message)) {
		t.Errorf("sent %d bytes", c.Wire.Total())
	}
}

// Writes to a channel other than the one that reads: a relay or a chat.
func TestRelayAllocs(t *testing.T) {
	l := channeltest.NewLoop(t)
	to := l.Open(&channeltest.Sink{Quiet: true}, channel.Options{})
	to.Wire.Discard()
	s := &channeltest.Sink{Quiet: true}
	s.OnRead = to.Write
	from := l.Open(s, channel.Options{})
	if n := testing.AllocsPerRun(1000, func() {
		from.Received(l.Received("a message"))
		from.ReceivedEnd()
		l.Loop.Turn()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What a loop does for an open channel, apart from echoing: none of it makes anything on the heap.
func TestLoopAllocs(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(&channeltest.Sink{Quiet: true}, channel.Options{Marks: channel.Watermark{Low: 1, High: 10}})
	c.Wire.Discard()
	r := c.Remote()
	f := l.File("some text")
	defer f.Release()
	kept := make([]channel.Timer, 100)
	ran := 0
	do := func(ch *channel.Channel, err error) { ran++ }
	var with *buffer.Buf
	release := func(*channel.Channel, error) {
		with.Release()
		ran++
	}
	var early channel.Timer
	early.Start(&c.Channel, time.Hour, counts{&ran})
	for _, test := range []struct {
		name string
		runs int // of a call, for each round
		run  func()
	}{
		{"Remote.Do", 1, func() { r.Do(do) }},
		{"Remote.DoWith", 1, func() {
			with = l.Buf("message")
			r.DoWith(with, release)
		}},
		{"a timer that expires", 1, func() {
			early.Reset(1)
			l.Clock.Advance(1)
			l.Tick()
		}},
		{"timers that start and stop", 0, func() {
			for i := range kept {
				kept[i] = channel.Timer{}
				kept[i].Start(&c.Channel, time.Duration(i)*time.Second, counts{&ran})
			}
			for i := range kept {
				kept[i].Stop()
			}
		}},
		{"Yield", 0, func() { c.Yield() }},
		{"a file that is dropped", 0, func() { f.Clone().Release() }},
		{"a peer that stalls", 0, func() {
			c.Stall()
			for range 3 {
				c.Write(l.Buf("more than the high mark"))
			}
			c.Flush()
			l.Loop.Turn()
			c.Unstall()
		}},
	} {
		ran = 0
		round := func() {
			test.run()
			l.Loop.Turn()
		}
		if n := testing.AllocsPerRun(200, round); n != 0 {
			t.Errorf("%s: %v allocations", test.name, n)
		}
		if ran != 201*test.runs {
			t.Errorf("%s: ran %d times", test.name, ran)
		}
	}
}

// A call that knows no channel is wrapped in one that does.
func TestLoopDoAllocs(t *testing.T) {
	l := channeltest.NewLoop(t)
	ran := 0
	f := func(error) { ran++ }
	if n := testing.AllocsPerRun(200, func() {
		l.Do(f)
		l.Loop.Turn()
	}); n > 1 || ran != 201 {
		t.Errorf("%v allocations, ran %d times", n, ran)
	}
}

type counts struct{ n *int }

func (c counts) Expired() { *c.n++ }
