package channel_test

import (
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// After the close every write fails, and releases what it was given.
func TestWriteAfterClose(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(channeltest.Sink)
	try := func(when string) {
		if err := s.Channel.Write(l.Buf("x")); err != channel.ErrClosed {
			t.Errorf("%s: Write: %v", when, err)
		}
		if err := s.Channel.WriteFile(l.File("x")); err != channel.ErrClosed {
			t.Errorf("%s: WriteFile: %v", when, err)
		}
	}
	s.OnClosed = func(error) { try("inside Closed") }
	c := l.Open(s, channel.Options{})
	c.Do(func(ch *channel.Channel) {
		ch.Close(nil)
		try("after Close")
	})
	try("while lingering")
	c.FeedEOF()
	try("when it is gone")
	if c.Wire.Total() != 0 || l.OpenFiles() != 0 {
		t.Errorf("%d bytes sent, %d files open", c.Wire.Total(), l.OpenFiles())
	}
}

// Nothing can be brought back to life in Closed.
func TestCallsInsideClosed(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(channeltest.Sink)
	s.OnClosed = func(error) {
		ch := s.Channel
		ch.Close(errTest)
		ch.Abort(errTest)
		ch.CloseWrite()
		ch.SetReading(false)
		ch.SetReading(true)
		ch.Flush()
		ch.AfterFunc(time.Second, func() { t.Error("a timer of a closed channel runs") })
		if ch.Remote() != (channel.Remote{}) {
			t.Error("a closed channel has a Remote")
		}
		if ch.RemoteAddr().String() != "peer of conn 1" {
			t.Error("a log line cannot name the peer")
		}
	}
	c := l.Open(s, channel.Options{Linger: -1})
	closeWith(c, nil)
	l.Advance(time.Minute)
	told(t, c, nil, "read", "pause", "close write", "close")
}

// Input of a burst that goes on after the close is dropped.
func TestInputAfterClose(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(channeltest.Sink)
	c := l.Open(s, channel.Options{})
	c.Received(l.Received("one"))
	c.Close(nil)
	c.Received(l.Received("two"))
	c.ReceivedEnd()
	l.Settle()
	if s.In != "one" {
		t.Errorf("read %q", s.In)
	}
}
