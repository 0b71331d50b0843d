package channel_test

import (
	"slices"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// A place is where code of a channel runs. It opens a channel that calls f there, and makes that happen.
type place func(l *channeltest.Loop, o channel.Options, f func(*channel.Channel)) *channeltest.Conn

// callbacks are all of them.
var callbacks = map[string]place{
	"Open": func(l *channeltest.Loop, o channel.Options, f func(*channel.Channel)) *channeltest.Conn {
		return l.Open(&channeltest.Sink{OnOpen: func(ch *channel.Channel) error { f(ch); return nil }}, o)
	},
	"Read": func(l *channeltest.Loop, o channel.Options, f func(*channel.Channel)) *channeltest.Conn {
		s := new(channeltest.Sink)
		s.OnRead = func(b *buffer.Buf) error { f(s.Channel); b.Release(); return nil }
		c := l.Open(s, o)
		c.Feed("x")
		return c
	},
	"ReadDone": func(l *channeltest.Loop, o channel.Options, f func(*channel.Channel)) *channeltest.Conn {
		s := new(channeltest.Sink)
		s.OnReadDone = func() error { f(s.Channel); return nil }
		c := l.Open(s, o)
		c.Feed("x")
		return c
	},
	"EOF": func(l *channeltest.Loop, o channel.Options, f func(*channel.Channel)) *channeltest.Conn {
		s := new(channeltest.Sink)
		s.OnEOF = func() error { f(s.Channel); return nil }
		c := l.Open(s, o)
		c.FeedEOF()
		return c
	},
	"Writable": func(l *channeltest.Loop, o channel.Options, f func(*channel.Channel)) *channeltest.Conn {
		s := new(channeltest.Sink)
		s.OnWritable = func() error { f(s.Channel); return nil }
		c := l.Open(s, o)
		c.SetReading(false)
		c.SetReading(true)
		l.Settle()
		return c
	},
	"timer": func(l *channeltest.Loop, o channel.Options, f func(*channel.Channel)) *channeltest.Conn {
		c := l.Open(new(channeltest.Sink), o)
		c.AfterFunc(time.Second, func() { f(&c.Channel) })
		l.Advance(time.Second)
		return c
	},
	"Remote.Do": func(l *channeltest.Loop, o channel.Options, f func(*channel.Channel)) *channeltest.Conn {
		c := l.Open(new(channeltest.Sink), o)
		c.Do(f)
		return c
	},
}

// eachCallback runs a test for each of the callbacks.
func eachCallback(t *testing.T, f func(t *testing.T, reach place)) {
	for name, reach := range callbacks {
		t.Run(name, func(t *testing.T) { f(t, reach) })
	}
}

func TestWriteInside(t *testing.T) {
	eachCallback(t, func(t *testing.T, reach place) {
		l := channeltest.NewLoop(t)
		c := reach(l, channel.Options{}, func(ch *channel.Channel) { ch.Write(l.Buf("here")) })
		if got := c.Wire.Sent(); got != "here" {
			t.Errorf("sent %q", got)
		}
	})
}

func TestCloseInside(t *testing.T) {
	eachCallback(t, func(t *testing.T, reach place) {
		l := channeltest.NewLoop(t)
		c := reach(l, channel.Options{Linger: -1}, func(ch *channel.Channel) {
			ch.Write(l.Buf("bye"))
			ch.Close(errTest)
			ch.Write(l.Buf("too late"))
		})
		if got := c.Wire.Sent(); got != "bye" {
			t.Errorf("sent %q", got)
		}
		if cause, closed := c.Told(); !closed || cause != errTest || c.Wire.Aborted() {
			t.Errorf("closed %v, cause %v, aborted %v", closed, cause, c.Wire.Aborted())
		}
	})
}

func TestAbortInside(t *testing.T) {
	eachCallback(t, func(t *testing.T, reach place) {
		l := channeltest.NewLoop(t)
		c := reach(l, channel.Options{}, func(ch *channel.Channel) {
			ch.Write(l.Buf("dropped"))
			ch.Abort(errTest)
			ch.Write(l.Buf("too late"))
		})
		if got := c.Wire.Sent(); got != "" {
			t.Errorf("sent %q", got)
		}
		if cause, closed := c.Told(); !closed || cause != errTest || !c.Wire.Aborted() {
			t.Errorf("closed %v, cause %v, aborted %v", closed, cause, c.Wire.Aborted())
		}
	})
}

// A write that fails inside a call, when it is flushed there, aborts the channel and nothing else happens to the call.
func TestFailedFlushInside(t *testing.T) {
	eachCallback(t, func(t *testing.T, reach place) {
		l := channeltest.NewLoop(t)
		c := reach(l, channel.Options{}, func(ch *channel.Channel) {
			l.Conn(ch).Wire.Add(channeltest.Fail(errTest))
			ch.Write(l.Buf("x"))
			ch.Flush()
			if err := ch.Write(l.Buf("y")); err != channel.ErrClosed {
				t.Error("a write after the failure:", err)
			}
		})
		if _, closed := c.Told(); !closed || !c.Wire.Aborted() {
			t.Errorf("closed %v, aborted %v", closed, c.Wire.Aborted())
		}
	})
}

// Two channels: one closes the other from inside its own call.
func TestCloseAnother(t *testing.T) {
	eachCallback(t, func(t *testing.T, reach place) {
		l := channeltest.NewLoop(t)
		other := l.Open(new(channeltest.Sink), channel.Options{Linger: -1})
		c := reach(l, channel.Options{HalfOpen: true}, func(*channel.Channel) {
			other.Write(l.Buf("bye"))
			other.Close(errTest)
		})
		if _, closed := c.Told(); closed {
			t.Error("the wrong one was closed")
		}
		if other.Wire.Sent() != "bye" {
			t.Errorf("sent %q", other.Wire.Sent())
		}
		told(t, other, errTest, "read", "pause", "close write", "close")
	})
}

// Streaming: Flush sends while the call goes on.
func TestFlushInside(t *testing.T) {
	l := channeltest.NewLoop(t)
	var seen []string
	s := new(channeltest.Sink)
	var c *channeltest.Conn
	s.OnRead = func(b *buffer.Buf) error {
		b.Release()
		for _, part := range []string{"a", "b"} {
			s.Channel.Write(l.Buf(part))
			seen = append(seen, c.Wire.Sent())
			s.Channel.Flush()
			seen = append(seen, c.Wire.Sent())
		}
		return nil
	}
	c = l.Open(s, channel.Options{})
	c.Feed("x")
	if want := []string{"", "a", "a", "ab"}; !slices.Equal(seen, want) {
		t.Errorf("sent %q, want %q", seen, want)
	}
}
