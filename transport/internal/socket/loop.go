//go:build linux

package socket

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/internal/group"
)

// Loop is one event loop: a goroutine locked to its thread, a poller, and the connections that are there. All fields but
// conns and done belong to that goroutine.
type Loop struct {
	*channel.Loop
	Poller Poller
	Calls  Counters

	group *Group

	waking sync.Mutex // so that the poller is not woken up when it is closed
	ended  bool       // it is

	listeners []*Listening
	again     []Watched
	pieces    [][]byte // for gathering output
	vectors   []unix.Iovec
	stopping  bool

	features map[*Conn]*feature // of those connections that have unusual ones
	rights   *rights
	kept     []*kept
	keptAt   time.Duration // when they are to be looked at, on the loop's clock
	keptLook time.Duration // and how much later again
	spin     spinning
	pipes    pipes
	sampled  int // key of the connection that SampleTCP goes on with

	conns atomic.Int64
	done  chan struct{}
}

// startLoop starts a loop of a group.
func startLoop(g *Group) (*Loop, error) {
	l := &Loop{group: g, done: make(chan struct{})}
	opened := make(chan error)
	go l.run(opened, len(g.loops))
	if err := <-opened; err != nil {
		return nil, err
	}
	return l, nil
}

// run is the loop's goroutine. number is that of the loop in its group.
func (l *Loop) run(opened chan<- error, number int) {
	runtime.LockOSThread()
	defer close(l.done)
	var err error
	if l.group.config.PinLoops {
		if err = pin(number); err != nil {
			opened <- err
			return
		}
	}
	if l.Poller, err = l.group.kind.Open(l); err != nil {
		opened <- err
		return
	}
	l.Loop = channel.NewLoop(channel.LoopConfig{
		Pool:   l.group.config.Pool,
		Now:    l.group.config.Now,
		Logger: l.group.config.Logger,
		Wake:   l.wake,
	})
	l.Engine = l
	opened <- nil
	for !l.stopping || l.Channels() > 0 {
		l.turns()
	}
	for !l.Poller.Idle() {
		l.wait()
	}
	l.endKept()
	l.pipes.close()
	l.Loop.Stop()
	l.waking.Lock()
	l.ended = true
	l.Poller.Close()
	l.waking.Unlock()
}

// turns runs turns until the loop stops or a channel's code panics. One deferred call for many turns keeps it off the
// path of messages.
func (l *Loop) turns() {
	defer l.Recover()
	for !l.stopping {
		l.wait()
		if len(l.again) > 0 {
			l.serveAgain()
		}
		l.Turn()
	}
	for c, key := l.Poller.Next(0); c != nil; c, key = l.Poller.Next(key + 1) {
		c.Abort(channel.ErrShutdown)
	}
	l.abortDatagrams()
	l.Turn()
}

// wait blocks until something happens, and serves it.
func (l *Loop) wait() {
	var d time.Duration
	busy := l.Poller.Busy() || len(l.again) > 0
	if l.group.config.Spin > 0 {
		busy = l.spins(busy)
	}
	if !busy {
		d = l.Timeout()
		for _, s := range l.listeners {
			d = s.patience(d, l.Now())
		}
		if len(l.kept) > 0 {
			d = l.keptPatience(d, l.Now())
		}
	}
	l.Calls.Waits++
	l.Calls.Pauses = l.Pauses()
	l.Calls.RelayedBytes = uint64(l.RelayStats().Copied)
	l.Calls.publish()
	l.Poller.Wait(d)
}

// Woke is called by the poller when it has waited, before it serves events.
func (l *Loop) Woke() {
	l.Tick()
	for _, s := range l.listeners {
		s.retry(l.Now())
	}
	if len(l.kept) > 0 {
		l.lookAtKept(l.Now())
	}
}

// Again has w served once more, without an event, in the next turn.
func (l *Loop) Again(w Watched) { l.again = append(l.again, w) }

func (l *Loop) serveAgain() {
	for n := len(l.again); n > 0; n-- {
		w := l.again[0]
		l.again = append(l.again[:0], l.again[1:]...) // before the call, which may panic
		w.Serve(0)
	}
}

// wake ends a wait. It is called by other goroutines.
func (l *Loop) wake() {
	l.waking.Lock()
	defer l.waking.Unlock()
	if !l.ended {
		l.Poller.Wake()
	}
}

// Insist is Loop.Do for the engine's own calls.
func (l *Loop) Insist(f func(error)) { group.Insist(l.Loop, f) }

// Base and Load implement group.Loop.
func (l *Loop) Base() *channel.Loop { return l.Loop }
func (l *Loop) Load() int64         { return l.conns.Load() }
