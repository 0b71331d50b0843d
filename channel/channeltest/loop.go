package channeltest

import (
	"errors"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// ErrTestEnded is the cause of channels that were still open at the end of the test.
var ErrTestEnded = errors.New("channeltest: the test has ended")

// A Loop is a channel.Loop on the goroutine of a test, with a clock and a pool of its own.
type Loop struct {
	*channel.Loop
	Clock *Clock
	Pool  *buffer.Pool

	t     testing.TB
	conns []*Conn
	files []*os.File
	log   panicLog
	woken chan struct{}
}

// NewLoop returns a loop for the calling goroutine. configure may change how it is made.
func NewLoop(t testing.TB, configure ...func(*channel.LoopConfig)) *Loop {
	l := &Loop{t: t, Clock: new(Clock), Pool: new(buffer.Pool), woken: make(chan struct{}, 1)}
	config := channel.LoopConfig{Pool: l.Pool, Now: l.Clock.Now, Wake: l.wake, Logger: slog.New(&l.log)}
	for _, f := range configure {
		f(&config)
	}
	l.Pool = config.Pool
	l.Loop = channel.NewLoop(config)
	t.Cleanup(l.end)
	return l
}

// wake is called by other goroutines.
func (l *Loop) wake() {
	select {
	case l.woken <- struct{}{}:
	default:
	}
}

// Turn is one turn of the loop: it delivers one read to each channel that wants input and has some, then does
// what channel.Loop.Turn does. Panics are recovered as an engine does.
func (l *Loop) Turn() {
	l.t.Helper()
	l.Tick()
	for _, c := range l.conns {
		l.Protect(c.deliver)
	}
	l.Protect(l.Loop.Turn)
}

// Settle runs turns until nothing is left to do.
func (l *Loop) Settle() {
	l.t.Helper()
	const enough = 1 << 20
	for range enough {
		l.Turn()
		if l.Timeout() != 0 && !l.hasInput() {
			return
		}
	}
	l.t.Fatalf("channeltest: the loop has not come to rest after %d turns", enough)
}

func (l *Loop) hasInput() bool {
	for _, c := range l.conns {
		if c.hasInput() {
			return true
		}
	}
	return false
}

// Advance moves the clock by d and runs what is due. It stops at every timer on the way, so that one which is set again and
// again runs as often as it would have.
func (l *Loop) Advance(d time.Duration) {
	l.t.Helper()
	l.Settle()
	for end := l.Clock.now + d; l.Clock.now < end; {
		step := end - l.Clock.now
		if next := l.Timeout(); next > 0 {
			step = min(step, next)
		}
		l.Clock.Advance(step)
		l.Settle()
	}
}

// Wait waits until another goroutine calls through a Remote, unless that has happened already, and runs what it has
// called. In a synctest bubble a call that never comes is reported as a deadlock.
func (l *Loop) Wait() {
	l.t.Helper()
	if l.Timeout() != 0 {
		<-l.woken
	}
	l.Settle()
}

// Protect calls f as engines call code of channels: a panic closes the channel that is being served.
func (l *Loop) Protect(f func()) {
	defer l.Recover()
	f()
}

// Buf returns a buffer of the loop's cache with the bytes of s.
func (l *Loop) Buf(s string) *buffer.Buf {
	b := l.Cache().Alloc(len(s))
	b.WriteString(s)
	return b
}

// Received returns s as an engine reads it: as a view of the block that the loop reads into, behind the one before.
func (l *Loop) Received(s string) *buffer.Buf {
	l.t.Helper()
	room, err := l.Cache().ReceiveRoom()
	if err != nil || len(room) < len(s) {
		l.t.Fatalf("channeltest: no room to receive %d bytes: %v", len(s), err)
	}
	return l.Cache().Received(copy(room, s))
}
