package channel_test

import (
	"testing"

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
