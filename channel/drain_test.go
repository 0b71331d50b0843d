package channel_test

import (
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// Drain sends what is queued and closes with ErrShutdown.
func TestDrain(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{Linger: -1})
	c.Write(l.Buf("last words"))
	c.Drain()
	c.Drain()
	l.Settle()
	if c.Wire.Sent() != "last words" {
		t.Errorf("sent %q", c.Wire.Sent())
	}
	told(t, c, channel.ErrShutdown, "read", "pause", "close write", "close")
}

// What a decoder keeps because the queue is full is delivered before the engine, which waits until reading is on again, drains the
// channel.
func TestDrainAfterFull(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(channeltest.Sink)
	var kept *buffer.Buf
	s.OnRead = func(b *buffer.Buf) error {
		if err := s.Channel.Write(b.Split(9)); err != nil {
			b.Release()
			return err
		}
		kept = b
		return nil
	}
	s.OnWritable = func() error {
		b := kept
		kept = nil
		return s.Channel.Write(b)
	}
	c := l.Open(s, channel.Options{Linger: -1, Marks: marks.Marks})
	c.Stall()
	c.Feed("012345678kept")
	if c.Reading() {
		t.Error("reading goes on with something kept")
	}
	c.Unstall()
	if !c.Reading() {
		t.Error("reading does not go on")
	}
	c.Drain()
	l.Settle()
	if got := c.Wire.Sent(); got != "012345678kept" {
		t.Errorf("sent %q", got)
	}
	told(t, c, channel.ErrShutdown, "read", "pause", "read", "pause", "close write", "close")
}
