package channeltest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
)

// recorder is a testing.TB that keeps what it is told.
type recorder struct {
	testing.TB
	errors   []string
	cleanups []func()
}

func (r *recorder) Helper()                      {}
func (r *recorder) Failed() bool                 { return len(r.errors) > 0 }
func (r *recorder) Cleanup(f func())             { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Error(args ...any)            { r.errors = append(r.errors, fmt.Sprint(args...)) }
func (r *recorder) Errorf(f string, args ...any) { r.Error(fmt.Sprintf(f, args...)) }

// TestChecks makes every mistake that the kit finds, and looks for its name.
func TestChecks(t *testing.T) {
	for want, mistake := range map[string]func(*channeltest.Loop){
		"1 buffers were not released": func(l *channeltest.Loop) { l.Buf("leaked") },
		"1 files were not closed":     func(l *channeltest.Loop) { l.File("leaked") },
		"panicked: oops": func(l *channeltest.Loop) {
			l.Do(func(error) { panic("oops") })
			l.Settle()
		},
		"conn 1: steps that were not reached: [Take(1) Again]": func(l *channeltest.Loop) {
			l.Open(new(channeltest.Sink), channel.Options{}, channeltest.Take(1), channeltest.Again(), channeltest.Always(channeltest.Take(2)))
		},
		"script conn 1: Flush of an empty queue": func(l *channeltest.Loop) {
			l.Open(new(channeltest.Sink), channel.Options{}).Wire.Flush(new(channel.Outbound))
		},
		"script conn 1: Flush after Close": func(l *channeltest.Loop) {
			w := closed(l).Wire
			w.Flush(new(channel.Outbound))
		},
		"script conn 1: SetReading after Close": func(l *channeltest.Loop) { closed(l).Wire.SetReading(true) },
		"script conn 1: SetReading(true) when it is so already": func(l *channeltest.Loop) {
			l.Open(new(channeltest.Sink), channel.Options{}).Wire.SetReading(true)
		},
		"script conn 1: CloseWrite after Close": func(l *channeltest.Loop) { closed(l).Wire.CloseWrite() },
		"script conn 1: Close after Close":      func(l *channeltest.Loop) { closed(l).Wire.Close(false) },
		"conn 1: Open out of order": func(l *channeltest.Loop) {
			c := l.Open(new(channeltest.Sink), channel.Options{})
			c.Sink().Open(&c.Channel)
		},
		"conn 1: Read out of order": func(l *channeltest.Loop) {
			l.New(new(channeltest.Sink), channel.Options{}).Sink().Read(l.Buf("x"))
		},
		"conn 1: EOF after Closed":        func(l *channeltest.Loop) { closed(l).Sink().EOF() },
		"conn 1: Closed was told 2 times": func(l *channeltest.Loop) { closed(l).Sink().Closed(nil) },
		"conn 1: ReadDone inside Read": func(l *channeltest.Loop) {
			s := new(channeltest.Sink)
			s.OnRead = func(b *buffer.Buf) error { b.Release(); return s.Channel.Sink().ReadDone() }
			l.Open(s, channel.Options{}).Feed("x")
		},
	} {
		r := &recorder{TB: t}
		mistake(channeltest.NewLoop(r))
		for _, f := range r.cleanups {
			f()
		}
		if !strings.Contains(strings.Join(r.errors, "\n"), want) {
			t.Errorf("reported %q, want %q", r.errors, want)
		}
	}
}

// closed returns a connection that is closed already.
func closed(l *channeltest.Loop) *channeltest.Conn {
	c := l.Open(new(channeltest.Sink), channel.Options{})
	c.Abort(nil)
	l.Settle()
	return c
}

// A test that makes no mistake is not blamed, also when it leaves everything open.
func TestNoMistake(t *testing.T) {
	r := &recorder{TB: t}
	l := channeltest.NewLoop(r)
	c := l.Open(channeltest.Echo(), channel.Options{}, channeltest.Again(), channeltest.Always(channeltest.Take(1)))
	c.Feed("left in the queue")
	c.SetReading(false)
	c.Feed("left in the kernel")
	c.FeedBuf(l.Buf("that too"))
	c.Write(l.Buf("more"))
	c.WriteFile(l.File("content"))
	for _, f := range r.cleanups {
		f()
	}
	if r.Failed() {
		t.Errorf("reported %q", r.errors)
	}
	if cause, _ := c.Told(); cause != channeltest.ErrTestEnded {
		t.Errorf("cause %v", cause)
	}
}

var kept [][]byte

// NoAllocations tells what allocates for each message from what does so now and then.
func TestNoAllocations(t *testing.T) {
	for every, fails := range map[int]bool{1: true, 10: true, 100: false, 1 << 30: false} {
		r, i := &recorder{TB: t}, 0
		channeltest.NoAllocations(r, 1000, func(n int) {
			for range n {
				if i++; i%every == 0 {
					kept = append(kept[:0], make([]byte, 100))
				}
			}
		})
		if r.Failed() != fails {
			t.Errorf("one allocation in %d messages: %q", every, r.errors)
		}
	}
}
