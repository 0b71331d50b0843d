package channel_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

var errTest = errors.New("a cause")

// told fails unless the sink was told this cause and the backend called so.
func told(t *testing.T, c *channeltest.Conn, cause error, calls ...string) {
	t.Helper()
	got, closed := c.Told()
	if !closed || got != cause {
		t.Errorf("closed %v with cause %v, want %v", closed, got, cause)
	}
	if got := c.Wire.Calls(); !slices.Equal(got, calls) {
		t.Errorf("backend calls %q, want %q", got, calls)
	}
}

func write(l *channeltest.Loop, c *channeltest.Conn, s string) {
	c.Do(func(ch *channel.Channel) { ch.Write(l.Buf(s)) })
}

func closeWith(c *channeltest.Conn, cause error) {
	c.Do(func(ch *channel.Channel) { ch.Close(cause) })
}

// Close sends what is queued, ends the stream, and waits for the peer to end its own.
func TestClose(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{}, channeltest.Take(2), channeltest.Again())
	write(l, c, "last words")
	closeWith(c, errTest)
	if c.Wire.Reading() || c.Wire.Ended() || !c.Closing() {
		t.Error("a closing channel reads, or has ended its stream before the rest was sent")
	}
	c.Unstall()
	if !c.Wire.Ended() || c.Wire.Closed() || !c.Wire.Reading() {
		t.Error("a channel that has sent everything does not wait for its peer")
	}
	c.FeedEOF()
	if c.Wire.Sent() != "last words" {
		t.Errorf("sent %q", c.Wire.Sent())
	}
	told(t, c, errTest, "read", "pause", "close write", "read", "close")
	if c.Cause() != errTest || l.Channels() != 0 {
		t.Errorf("cause %v, %d channels", c.Cause(), l.Channels())
	}
}

// Close of a channel whose peer has ended its stream does not wait.
func TestCloseAfterEOF(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(channeltest.Sink)
	s.OnEOF = func() error { return s.Channel.Write(l.Buf("bye")) }
	c := l.Open(s, channel.Options{})
	c.FeedEOF()
	if c.Wire.Sent() != "bye" {
		t.Errorf("sent %q", c.Wire.Sent())
	}
	told(t, c, nil, "read", "pause", "close")
}

// The error of a call closes the channel, after what was written before has been sent.
func TestErrorOfACall(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(channeltest.Sink)
	s.OnReadDone = func() error {
		s.Channel.Write(l.Buf("no"))
		return errTest
	}
	c := l.Open(s, channel.Options{Linger: -1})
	c.Feed("what?")
	if c.Wire.Sent() != "no" {
		t.Errorf("sent %q", c.Wire.Sent())
	}
	told(t, c, errTest, "read", "pause", "close write", "close")
}

func TestAbort(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	c.Stall()
	c.Do(func(ch *channel.Channel) {
		ch.Write(l.Buf("never sent"))
		ch.WriteFile(l.File("neither"))
		ch.Abort(errTest)
	})
	if c.Wire.Total() != 0 || l.OpenFiles() != 0 {
		t.Errorf("%d bytes sent, %d files open", c.Wire.Total(), l.OpenFiles())
	}
	told(t, c, errTest, "read", "abort")
}

func TestAbortWhileClosing(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	c.Stall()
	write(l, c, "never sent")
	closeWith(c, errTest)
	c.Do(func(ch *channel.Channel) { ch.Abort(errors.New("too late to be the cause")) })
	told(t, c, errTest, "read", "pause", "abort")
}

func TestFirstCauseWins(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(channeltest.Sink)
	s.OnReadDone = func() error {
		s.Channel.Close(errTest)
		s.Channel.Close(errors.New("second"))
		return errors.New("third")
	}
	c := l.Open(s, channel.Options{Linger: -1})
	c.Feed("x")
	told(t, c, errTest, "read", "pause", "close write", "close")
}

func TestWriteError(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(channeltest.Echo(), channel.Options{}, channeltest.Take(2), channeltest.Fail(errTest))
	c.Feed("hello")
	var op *channel.OpError
	if cause, _ := c.Told(); !errors.As(cause, &op) || op.Op != "write" || op.Err != errTest {
		t.Errorf("cause %v", cause)
	}
	if !c.Wire.Aborted() {
		t.Error("not aborted")
	}
}

func TestCloseWriteError(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(channeltest.Echo(), channel.Options{}, channeltest.FailCloseWrite(errTest))
	closeWith(c, nil)
	if !c.Wire.Aborted() {
		t.Error("not aborted")
	}
}

func TestBreak(t *testing.T) {
	l := channeltest.NewLoop(t)
	s := new(channeltest.Sink)
	c := l.Open(s, channel.Options{})
	c.Stall()
	write(l, c, "x")
	c.Break(errTest)
	told(t, c, errTest, "read", "abort")
	if slices.Contains(s.Calls, "EOF") {
		t.Error("a broken connection was told as an end of stream")
	}
}
