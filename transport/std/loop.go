package std

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// loop is one event loop: not a goroutine but a lock, and a keeper for when nobody else comes. All fields but load, kick and done
// belong to whoever holds the lock.
type loop struct {
	*channel.Loop
	group *engineGroup

	mu      sync.Mutex
	conns   []*conn
	due     []*conn       // what the keeper is to take input from
	alarm   time.Duration // when the timer wakes the keeper, 0 if it does not
	timer   *time.Timer
	pieces  [][]byte // for gathering output
	gather  gather
	spare   [][]byte // blocks for output of plain connections
	calls   counters
	stopped bool // the channel.Loop is

	stopping bool
	workers  sync.WaitGroup // goroutines of connections; Add by spawn only
	load     atomic.Int64   // connections, those on their way included
	kick     chan struct{}  // wakes the keeper
	done     chan struct{}  // closed when all goroutines have ended
}

// startLoop starts a loop of a group.
func startLoop(g *engineGroup) *loop {
	l := &loop{group: g, kick: make(chan struct{}, 1), done: make(chan struct{}), timer: time.NewTimer(time.Hour)}
	l.timer.Stop()
	l.Loop = channel.NewLoop(channel.LoopConfig{Pool: g.config.Pool, Now: g.config.Now, Logger: g.config.Logger, Wake: l.wake})
	l.Engine = l
	l.Timeout() // nobody waits yet, but calls must wake the keeper from now on
	l.Cache().Disown()
	go l.keep()
	return l
}

// enter takes the lock: from here to leave the calling goroutine is the loop. What follows is to be written
//
//	l.enter()
//	defer l.leave()
//	defer l.Recover()
func (l *loop) enter() {
	l.mu.Lock()
	l.Cache().Adopt()
	l.Tick()
}

// leave gives the lock up, and sees that somebody comes back when there is more to do.
func (l *loop) leave() {
	if !l.stopped {
		switch d := l.Timeout(); {
		case d == 0 || len(l.due) > 0:
			l.wake()
		case d > 0:
			l.arm(d)
		}
	}
	if l.Now()-l.calls.at > staleAfter {
		l.calls.at = l.Now()
		l.count()
	}
	l.Cache().Disown()
	l.mu.Unlock()
}

// arm has the keeper come in d, if it does not come earlier.
func (l *loop) arm(d time.Duration) {
	if when := l.Now() + d; l.alarm == 0 || when < l.alarm {
		l.alarm = when
		l.timer.Reset(d)
	}
}

// wake makes the keeper come. Any goroutine may call it.
func (l *loop) wake() {
	select {
	case l.kick <- struct{}{}:
	default: // it is on its way
	}
}

// keep is the keeper's goroutine: it runs turns when a timer is due, when other goroutines have called, and when those who had
// the lock have left work behind.
func (l *loop) keep() {
	defer close(l.done)
	for rung := false; !l.work(rung); {
		select {
		case <-l.kick:
			rung = false
		case <-l.timer.C:
			rung = true
		}
	}
	for !l.end() {
	}
	l.workers.Wait()
}

// work runs a turn, and tells whether it was the last.
func (l *loop) work(rung bool) (last bool) {
	l.enter()
	defer l.leave()
	defer l.Recover()
	l.calls.Waits++
	if rung {
		l.alarm = 0
	}
	if l.stopping {
		for i := len(l.conns); i > 0; i-- { // Abort only lists them: the connections stay where they are
			l.conns[i-1].Abort(channel.ErrShutdown)
		}
	} else {
		l.takeDue()
	}
	l.Turn()
	return l.stopping && l.Channels() == 0
}

// takeDue takes a burst of input from the connections that are due.
func (l *loop) takeDue() {
	for n := len(l.due); n > 0; n-- {
		c := l.due[0]
		l.due = append(l.due[:0], l.due[1:]...) // before the call, which may panic
		c.flags &^= listed
		if c.flags&gone == 0 {
			c.mover.burst()
		}
	}
}

// end stops the channel.Loop, unless code that is told so panics. Connections that come later are closed.
func (l *loop) end() (ended bool) {
	l.enter()
	defer l.leave()
	defer l.Recover()
	l.stopped = true
	l.timer.Stop()
	l.Stop()
	return true
}

// spawn starts a goroutine of a connection, unless the loop has ended. The caller holds the lock.
func (l *loop) spawn(f func()) bool {
	if l.stopped {
		return false
	}
	l.workers.Go(f)
	return true
}

// Base and Load implement group.Loop.
func (l *loop) Base() *channel.Loop { return l.Loop }
func (l *loop) Load() int64         { return l.load.Load() }

// insist is Loop.Do for the engine's own calls.
func (l *loop) insist(f func(error)) { group.Insist(l.Loop, f) }
