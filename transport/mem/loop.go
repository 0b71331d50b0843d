package mem

import (
	"runtime"
	"sync/atomic"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// loop is one event loop: a goroutine and the connections that it serves. All fields but ready, load, trim and done
// belong to that goroutine.
type loop struct {
	*channel.Loop
	group *engineGroup

	ready   readyList
	pool    *buffer.Pool
	wakeups chan struct{} // holds a token when the wait shall end
	timer   *time.Timer

	conns     table
	listening []*listening
	pieces    [][]byte // for gathering output
	stopping  bool

	counts counters
	load   atomic.Int64 // connections, those included that are on their way here
	trim   trimming
	done   chan struct{}
}

// startLoop starts a loop of a group.
func startLoop(g *engineGroup) *loop {
	l := &loop{group: g, wakeups: make(chan struct{}, 1), done: make(chan struct{})}
	ready := make(chan struct{})
	go l.run(ready)
	<-ready
	return l
}

// run is the loop's goroutine.
func (l *loop) run(ready chan struct{}) {
	defer close(l.done)
	l.Loop = channel.NewLoop(channel.LoopConfig{
		Pool:   l.group.config.Pool,
		Now:    l.group.config.Now,
		Logger: l.group.config.Logger,
		Wake:   l.wake,
	})
	l.Engine = l
	l.pool = l.Cache().Pool()
	l.ready.wake = l.wake
	l.trim.init(l.Cache())
	l.timer = time.NewTimer(time.Hour)
	l.timer.Stop()
	close(ready)
	for !l.stopping || l.Channels() > 0 {
		l.turns()
	}
	l.Loop.Stop()
}

// turns runs turns until the loop stops or a channel's code panics. One deferred call for many turns keeps it off the
// path of messages.
func (l *loop) turns() {
	defer l.Recover()
	for !l.stopping {
		l.wait()
		for c := l.ready.next(); c != nil; c = l.ready.next() {
			c.serve()
		}
		for _, ln := range l.listening {
			if ln.told.Swap(false) {
				ln.accept()
			}
		}
		l.Turn()
	}
	for _, c := range l.conns.slots {
		if c != nil {
			c.Abort(channel.ErrShutdown)
		}
	}
	l.Turn()
}

// wait blocks until something happens.
func (l *loop) wait() {
	d := l.Timeout()
	for _, ln := range l.listening {
		if ln.told.Load() {
			d = 0
		}
	}
	l.counts.Waits++
	l.counts.Pauses, l.counts.RelayedBytes = l.Pauses(), uint64(l.RelayStats().Copied)
	l.counts.publish()
	passed := false
	if d, sleep := l.ready.collect(d); sleep {
		passed = l.sleep(l.trim.patience(d))
		l.ready.collect(0)
	} else {
		runtime.Gosched() // as a call of the system would: who is to be answered may need this processor
	}
	l.trim.attend(l.Cache(), passed)
	l.Tick()
}

// sleep blocks until somebody wakes the loop, or for a time, negative for ever, and tells whether that has passed.
func (l *loop) sleep(d time.Duration) bool {
	if d < 0 {
		<-l.wakeups
		return false
	}
	l.timer.Reset(d)
	select {
	case <-l.wakeups:
		l.timer.Stop()
		return false
	case <-l.timer.C:
		return true
	}
}

// wake ends a wait. It may be called by any goroutine.
func (l *loop) wake() {
	select {
	case l.wakeups <- struct{}{}:
	default:
	}
}

// Base and Load implement group.Loop.
func (l *loop) Base() *channel.Loop { return l.Loop }
func (l *loop) Load() int64         { return l.load.Load() }

// insist is Loop.Do for the engine's own calls.
func (l *loop) insist(f func(error)) { group.Insist(l.Loop, f) }
