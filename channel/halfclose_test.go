package channel_test

import (
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

func closeWrite(c *channeltest.Conn) { c.Do(func(ch *channel.Channel) { ch.CloseWrite() }) }

// CloseWrite ends our stream after what is queued; input is still delivered until the peer ends its own.
func TestCloseWrite(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(channeltest.Sink)
	c := l.Open(s, channel.Options{}, channeltest.Take(1), channeltest.Again())
	write(l, c, "out")
	closeWrite(c)
	if c.Wire.Ended() {
		t.Error("ended before everything was sent")
	}
	if err := c.Write(l.Buf("more")); err != channel.ErrClosed {
		t.Error("a write after CloseWrite:", err)
	}
	c.Unstall()
	if !c.Wire.Ended() || c.Wire.Sent() != "out" {
		t.Errorf("ended %v, sent %q", c.Wire.Ended(), c.Wire.Sent())
	}
	c.Feed("in")
	closeWrite(c) // again changes nothing
	if s.In != "in" || c.Closing() {
		t.Errorf("read %q, closing %v", s.In, c.Closing())
	}
	c.FeedEOF()
	told(t, c, nil, "read", "close write", "pause", "close")
}

func TestCloseWriteInsideRead(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := channeltest.Echo()
	s.OnReadDone = func() error { s.Channel.CloseWrite(); return nil }
	c := l.Open(s, channel.Options{})
	c.Feed("once")
	if !c.Wire.Ended() || c.Wire.Sent() != "once" || c.Closing() {
		t.Errorf("ended %v, sent %q", c.Wire.Ended(), c.Wire.Sent())
	}
}

// With HalfOpen the sink goes on writing after the end of the peer's stream, and closes when it is done.
func TestHalfOpen(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(channeltest.Sink)
	c := l.Open(s, channel.Options{HalfOpen: true})
	c.FeedEOF()
	if c.Closing() || c.Wire.Reading() {
		t.Errorf("closing %v, reading %v", c.Closing(), c.Wire.Reading())
	}
	write(l, c, "answer")
	closeWith(c, nil)
	if c.Wire.Sent() != "answer" {
		t.Errorf("sent %q", c.Wire.Sent())
	}
	told(t, c, nil, "read", "pause", "close")
}

// With HalfOpen, too, a channel closes when both directions have ended, in either order.
func TestHalfOpenBothEnded(t *testing.T) {
	l := channeltest.NewLoop(t)
	peerFirst := l.Open(new(channeltest.Sink), channel.Options{HalfOpen: true})
	peerFirst.Stall()
	write(l, peerFirst, "x")
	peerFirst.FeedEOF()
	closeWrite(peerFirst)
	if peerFirst.Wire.Closed() {
		t.Error("closed before the rest was sent")
	}
	peerFirst.Unstall()
	told(t, peerFirst, nil, "read", "pause", "close write", "close")

	weFirst := l.Open(new(channeltest.Sink), channel.Options{HalfOpen: true})
	closeWrite(weFirst)
	weFirst.FeedEOF()
	told(t, weFirst, nil, "read", "close write", "pause", "close")
}

// The end of the peer's stream while the rest of ours waits: with HalfOpen off the channel closes when that was sent.
func TestEOFWhileQueued(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	c.Stall()
	write(l, c, "rest")
	c.FeedEOF()
	if c.Wire.Closed() {
		t.Error("closed before the rest was sent")
	}
	c.Unstall()
	if c.Wire.Sent() != "rest" {
		t.Errorf("sent %q", c.Wire.Sent())
	}
	told(t, c, nil, "read", "pause", "close")
}

// CloseWrite, then Close: the stream is ended once, and the peer is waited for.
func TestCloseAfterCloseWrite(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	closeWrite(c)
	closeWith(c, errTest)
	if c.Wire.Closed() {
		t.Error("closed without waiting")
	}
	c.FeedEOF()
	told(t, c, errTest, "read", "close write", "pause", "read", "close")
}
