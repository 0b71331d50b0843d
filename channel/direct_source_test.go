package channel_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// given is a Source that gives what it was told to.
type given struct {
	t        *testing.T
	next     []func() (channel.Part, error)
	asked    int
	released int
}

func (p *given) Next() (channel.Part, error) {
	p.asked++
	if p.released > 0 {
		p.t.Error("Next after Release")
	}
	if len(p.next) == 0 {
		return nil, io.EOF
	}
	f := p.next[0]
	p.next = p.next[1:]
	return f()
}

func (p *given) Release() { p.released++ }

func (p *given) add(f ...func() (channel.Part, error)) *given {
	p.next = append(p.next, f...)
	return p
}

func text(l *channeltest.Loop, s string) func() (channel.Part, error) {
	return func() (channel.Part, error) { return l.Buf(s), nil }
}

func file(l *channeltest.Loop, s string) func() (channel.Part, error) {
	return func() (channel.Part, error) { return l.File(s), nil }
}

func later() (channel.Part, error) { return nil, nil }

func TestSource(t *testing.T) {
	for n := 1; n < 30; n++ {
		l := channeltest.NewLoop(t)
		c := l.Open(new(channeltest.Sink), channel.Options{}, channeltest.Always(channeltest.Take(n)))
		s := (&given{t: t}).add(text(l, "one "), file(l, "two "), file(l, ""), text(l, ""), later, text(l, "three "), file(l, "four "))
		empty := &given{t: t}
		c.Do(func(ch *channel.Channel) {
			ch.Write(l.Buf("head "))
			ch.WriteSource(s, 19)
			ch.Write(l.Buf("between "))
			ch.WriteSource(empty, 0)
			ch.WriteFile(l.File("file "))
			ch.Write(l.Buf("tail"))
		})
		if got := c.Wire.Sent(); got != "head one two " || s.released != 0 {
			t.Errorf("Take(%d): at first %q", n, got)
		}
		if l.Timeout() == 0 {
			t.Errorf("Take(%d): the loop does not rest", n)
		}
		c.Do(func(ch *channel.Channel) { ch.ResumeSource() })
		if got := c.Wire.Sent(); got != "head one two three four between file tail" {
			t.Errorf("Take(%d): %q", n, got)
		}
		if s.released != 1 || empty.released != 1 || l.OpenFiles() != 0 || c.Queued() != 0 {
			t.Errorf("Take(%d): released %d and %d times, %d files, %d queued", n, s.released, empty.released, l.OpenFiles(), c.Queued())
		}
	}
}

// Much between two sources, so that the second one cannot be asked when the first one ends.
func TestSourcesApart(t *testing.T) {
	for _, steps := range [][]channeltest.Step{nil, {channeltest.Take(7), channeltest.Again()}, {channeltest.Always(channeltest.Take(60_000))}} {
		l := channeltest.NewLoop(t)
		c := l.Open(new(channeltest.Sink), channel.Options{}, steps...)
		long := strings.Repeat("x", 100_000)
		var want string
		c.Do(func(ch *channel.Channel) {
			for range 5 {
				ch.WriteSource((&given{t: t}).add(text(l, "source")), 6)
				ch.Write(l.Buf(long))
				want += "source" + long
			}
		})
		if c.Wire.Stalled() {
			c.Unstall()
		}
		if got := c.Wire.Sent(); got != want || c.Queued() != 0 {
			t.Errorf("%d of %d bytes, %d queued", len(got), len(want), c.Queued())
		}
	}
}

// A source that never ends its turn by itself: others get theirs, and what is queued stays small.
func TestSourceTurns(t *testing.T) {
	const piece, many = 64 << 10, 100
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	c.Wire.Discard()
	s := &given{t: t}
	for range many {
		s.add(func() (channel.Part, error) {
			b := l.Cache().Alloc(piece)
			b.PutZero(piece)
			return b, nil
		})
	}
	c.Port.Ready() // nothing is queued
	c.Channel.WriteSource(s, many*piece)
	turns := 0
	for last := int64(0); c.Wire.Total() < many*piece; last = c.Wire.Total() {
		if turns++; turns > 100 {
			t.Fatal("no end")
		}
		l.Turn()
		if n := c.Wire.Total() - last; n > 1<<20+piece {
			t.Errorf("%d bytes in one turn", n)
		}
	}
	if turns < many*piece>>20 {
		t.Errorf("%d turns", turns)
	}
	// A peer that takes nothing: one piece.
	c.Stall()
	s = (&given{t: t}).add(text(l, strings.Repeat("x", 40_000)), text(l, strings.Repeat("x", 40_000)))
	c.Do(func(ch *channel.Channel) { ch.WriteSource(s, 80_000) })
	if s.asked != 1 || l.Timeout() == 0 {
		t.Errorf("asked %d times by a channel that is stalled", s.asked)
	}
	c.Unstall()
}

// What a source does wrong ends the channel, and is released.
func TestSourceFails(t *testing.T) {
	failure := errors.New("no more")
	for name, c := range map[string]struct {
		next func(l *channeltest.Loop) []func() (channel.Part, error)
		want error
	}{
		"too little": {func(l *channeltest.Loop) []func() (channel.Part, error) {
			return []func() (channel.Part, error){text(l, "nine b")}
		}, channel.ErrSourceSize},
		"too much": {func(l *channeltest.Loop) []func() (channel.Part, error) {
			return []func() (channel.Part, error){text(l, "nine "), text(l, "bytes, or more")}
		}, channel.ErrSourceSize},
		"an error": {func(l *channeltest.Loop) []func() (channel.Part, error) {
			return []func() (channel.Part, error){text(l, "nine "), func() (channel.Part, error) { return nil, failure }}
		}, failure},
		"an error and a piece": {func(l *channeltest.Loop) []func() (channel.Part, error) {
			return []func() (channel.Part, error){func() (channel.Part, error) { return l.Buf("x"), failure }}
		}, failure},
		"descriptors": {func(l *channeltest.Loop) []func() (channel.Part, error) {
			return []func() (channel.Part, error){func() (channel.Part, error) {
				d, err := channel.NewDescriptors(l.Buf("x"), l.OSFile(""))
				if err != nil {
					t.Fatal(err)
				}
				return d, nil
			}}
		}, nil},
	} {
		l := channeltest.NewLoop(t)
		conn := l.Open(new(channeltest.Sink), channel.Options{})
		s := &given{t: t, next: c.next(l)}
		conn.Do(func(ch *channel.Channel) { ch.WriteSource(s, 9) })
		cause, closed := conn.Told()
		if !closed || !conn.Wire.Aborted() || cause == nil || c.want != nil && !errors.Is(cause, c.want) {
			t.Errorf("%s: closed %v, cause %v", name, closed, cause)
		}
		if s.released != 1 {
			t.Errorf("%s: released %d times", name, s.released)
		}
	}
	// One that comes too late, and one that panics.
	l := channeltest.NewLoop(t)
	conn := l.Open(new(channeltest.Sink), channel.Options{})
	s := (&given{t: t}).add(func() (channel.Part, error) { panic("source") })
	conn.Do(func(ch *channel.Channel) { ch.WriteSource(s, 9) })
	l.Settle()
	if p := l.Panics(); len(p) != 1 || s.released != 1 {
		t.Errorf("panics %q, released %d times", p, s.released)
	}
	s = &given{t: t}
	if err := conn.WriteSource(s, 9); err != channel.ErrClosed || s.released != 1 {
		t.Errorf("after the end: %v, released %d times", err, s.released)
	}
}

// A source that writes, flushes or closes its channel while it is asked.
func TestSourceUsesItsChannel(t *testing.T) {
	l := channeltest.NewLoop(t)
	c := l.Open(new(channeltest.Sink), channel.Options{})
	s := &given{t: t}
	s.add(func() (channel.Part, error) {
		c.Channel.Write(l.Buf(" behind"))
		c.Channel.Flush()
		return l.Buf("in front"), nil
	})
	c.Do(func(ch *channel.Channel) { ch.WriteSource(s, 8) })
	if got := c.Wire.Sent(); got != "in front behind" {
		t.Errorf("sent %q", got)
	}
	s = (&given{t: t}).add(func() (channel.Part, error) {
		c.Channel.Abort(io.ErrUnexpectedEOF)
		return l.Buf("too late"), nil
	})
	c.Do(func(ch *channel.Channel) { ch.WriteSource(s, 8) })
	if cause, closed := c.Told(); !closed || cause != io.ErrUnexpectedEOF || s.released != 1 {
		t.Errorf("cause %v, released %d times", cause, s.released)
	}
}
