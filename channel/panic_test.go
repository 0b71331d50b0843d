package channel_test

import (
	"errors"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// A panic closes its channel with a PanicError, after what was queued before has been sent. Others live on.
func TestPanic(t *testing.T) {
	eachCallback(t, func(t *testing.T, reach place) {
		l := channeltest.NewLoop(t)
		other := l.Open(channeltest.Echo(), channel.Options{})
		write(l, other, "written before, ")
		c := reach(l, channel.Options{Linger: -1}, func(ch *channel.Channel) {
			ch.Write(l.Buf("before"))
			other.Write(l.Buf("from it, "))
			panic(errTest)
		})
		l.Settle()
		var p *channel.PanicError
		if cause, closed := c.Told(); !closed || !errors.As(cause, &p) || !errors.Is(cause, errTest) || len(p.Stack) == 0 {
			t.Errorf("closed %v, cause %v", closed, cause)
		}
		if c.Wire.Sent() != "before" || c.Wire.Aborted() {
			t.Errorf("sent %q, aborted %v", c.Wire.Sent(), c.Wire.Aborted())
		}
		other.Feed("and on")
		if got := other.Wire.Sent(); got != "written before, from it, and on" || other.Closing() {
			t.Errorf("the other one has sent %q, closing: %v", got, other.Closing())
		}
		if got := l.Panics(); len(got) != 1 || got[0] != "a cause" {
			t.Errorf("reported panics: %q", got)
		}
	})
}

// A sink that closes its channel and then panics.
func TestPanicAfterClose(t *testing.T) {
	eachCallback(t, func(t *testing.T, reach place) {
		for name, end := range map[string]func(*channel.Channel){
			"Close": func(ch *channel.Channel) { ch.Close(errTest) },
			"Abort": func(ch *channel.Channel) { ch.Abort(errTest) },
		} {
			l := channeltest.NewLoop(t)
			c := reach(l, channel.Options{Linger: -1}, func(ch *channel.Channel) {
				end(ch)
				panic("afterwards")
			})
			l.Settle()
			if cause, closed := c.Told(); !closed || cause != errTest {
				t.Errorf("%s: closed %v, cause %v", name, closed, cause)
			}
			l.Panics()
		}
	})
}

// The input that Read was called with is released after a panic, whoever owns it by then.
func TestPanicReleasesInput(t *testing.T) {
	for name, use := range map[string]func(*channel.Channel, *buffer.Buf){
		"nothing":  func(*channel.Channel, *buffer.Buf) {},
		"released": func(_ *channel.Channel, b *buffer.Buf) { b.Release() },
		"written":  func(ch *channel.Channel, b *buffer.Buf) { ch.Write(b) },
		"appended": func(ch *channel.Channel, b *buffer.Buf) {
			o := ch.Alloc(10)
			o.WriteString("x")
			o.Append(b)
			ch.Write(o)
		},
		"split": func(ch *channel.Channel, b *buffer.Buf) { ch.Write(b.Split(2)) },
		"written elsewhere": func(ch *channel.Channel, b *buffer.Buf) {
			ch.Remote().Write(b)
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := channeltest.NewLoop(t)
			s := new(channeltest.Sink)
			s.OnRead = func(b *buffer.Buf) error { use(s.Channel, b); panic(name) }
			c := l.Open(s, channel.Options{Linger: -1})
			c.Feed("hello")
			if !c.Wire.Closed() || len(l.Panics()) != 1 {
				t.Error("not closed")
			}
		})
	}
}

// What a sink has stored is its own: it says so by Keep when it goes on after that, and need not if it panics in a later call.
func TestPanicKeepsWhatIsKept(t *testing.T) {
	for name, keep := range map[string]bool{"Read": true, "ReadDone": false, "timer": false} {
		t.Run(name, func(t *testing.T) {
			l := channeltest.NewLoop(t)
			var kept *buffer.Buf
			s := new(channeltest.Sink)
			s.OnRead = func(b *buffer.Buf) error {
				kept = b
				if keep {
					s.Channel.Keep()
				}
				if name == "Read" {
					panic(name)
				}
				return nil
			}
			s.OnReadDone = func() error {
				if name == "ReadDone" {
					panic(name)
				}
				return nil
			}
			s.OnClosed = func(error) { kept.Release() }
			c := l.Open(s, channel.Options{Linger: -1})
			if name == "timer" {
				c.AfterFunc(1, func() { panic(name) })
			}
			c.Feed("hello")
			l.Advance(1)
			if !c.Wire.Closed() || len(l.Panics()) != 1 {
				t.Error("not closed")
			}
		})
	}
}

func TestPanicInClosed(t *testing.T) {
	l := channeltest.NewLoop(t)
	a := l.Open(&channeltest.Sink{OnClosed: func(error) { panic("in Closed") }}, channel.Options{})
	b := l.Open(new(channeltest.Sink), channel.Options{})
	a.Abort(errTest)
	b.Abort(errTest)
	l.Settle()
	told(t, a, errTest, "read", "abort")
	told(t, b, errTest, "read", "abort")
	if len(l.Panics()) != 1 {
		t.Error("the panic was not reported")
	}
}

// A function of the loop, not of a channel: only it is lost. Calls behind it are run.
func TestPanicInPost(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	ran := false
	l.Do(func(error) { panic("in Post") })
	l.Do(func(error) { ran = true })
	l.Settle()
	if !ran || c.Closing() || len(l.Panics()) != 1 {
		t.Errorf("ran %v, closing %v", ran, c.Closing())
	}
}

// A loop that stops before it has come back to the calls behind one that panicked.
func TestPanicThenStop(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	r := c.Remote()
	var errs []error
	note := func(_ *channel.Channel, err error) { errs = append(errs, err) }
	c.Abort(nil)
	l.Do(func(error) { panic("in Post") })
	r.Do(note)
	r.Write(l.Buf("released"))
	l.Turn()
	r.Do(note)
	l.Stop()
	if len(errs) != 2 || len(l.Panics()) != 1 {
		t.Errorf("errors %v", errs)
	}
	l.Turn() // closes the channel
}

// Memory that cannot be had ends the channel that asked.
func TestPanicAtLimit(t *testing.T) {
	l := channeltest.NewLoop(t, func(c *channel.LoopConfig) { c.Pool = &buffer.Pool{Limit: 1 << 20} })
	s := new(channeltest.Sink)
	s.OnRead = func(*buffer.Buf) error { s.Channel.Alloc(8 << 20); return nil }
	c := l.Open(s, channel.Options{Linger: -1})
	c.Feed("x")
	if cause, _ := c.Told(); !errors.Is(cause, buffer.ErrLimit) || len(l.Panics()) != 1 {
		t.Errorf("cause %v", cause)
	}
}
