package pipeline_test

import (
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/pipeline"
)

// head reads up to a full stop, and gives way to Keep.
type head struct {
	pipeline.Ctx[*buffer.Buf]
	rest *buffer.Buf
}

func (h *head) Read(b *buffer.Buf) error {
	n := b.IndexByte('.', 0) + 1
	b.Split(n).Release()
	h.Channel().Keep()
	h.rest = b
	return h.Replace(pipeline.Keep())
}

func (h *head) Leftover() *buffer.Buf { b := h.rest; h.rest = nil; return b }

// What a pipeline has read too much goes through the relay first.
func TestKeepUntilRelayed(t *testing.T) {
	l := channeltest.NewLoop(t)
	a := l.Open(pipeline.With(new(head))(nil), channel.Options{})
	b := l.Open(pipeline.With(echo())(nil), channel.Options{})
	a.Feed("connect.early ")
	a.Feed("late")
	if a.Unread() != 4 || a.Halted() == false {
		t.Errorf("%d bytes wait, halted: %v", a.Unread(), a.Halted())
	}
	a.Do(func(ch *channel.Channel) {
		if err := channel.Relay(ch, &b.Channel, channel.RelayOptions{}); err != nil {
			t.Error(err)
		}
	})
	if b.Wire.Sent() != "early late" {
		t.Errorf("sent %q", b.Wire.Sent())
	}
}

// What is kept goes to the next stage, or is released.
func TestKeepReplaced(t *testing.T) {
	l := channeltest.NewLoop(t)
	keep := pipeline.Keep()
	a := l.Open(pipeline.With(keep)(nil), channel.Options{})
	a.Do(func(ch *channel.Channel) { ch.SetReading(true) }) // somebody does not know
	a.Feed("one ")
	a.Feed("two")
	a.Do(func(ch *channel.Channel) {
		if err := pipeline.Of(ch).Replace(keep, echo()); err != nil {
			t.Error(err)
		}
	})
	a.Feed(" three")
	if a.Wire.Sent() != "one two three" {
		t.Errorf("sent %q", a.Wire.Sent())
	}
	lost := l.Open(pipeline.With(pipeline.Keep())(nil), channel.Options{})
	lost.Do(func(ch *channel.Channel) { ch.SetReading(true) })
	lost.Feed("lost")
	lost.Break(channel.ErrClosed)
}
