package channel

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
)

// A LoopConfig says how a Loop is made.
type LoopConfig struct {
	// Pool makes the loop's buffers. It is required.
	Pool *buffer.Pool
	// Now is a monotonic clock. Nil means the system's. Tests pass their own.
	Now func() time.Duration
	// Wake makes a waiting loop go on. It is called by other goroutines, at most once per wait.
	Wake func()
	// Logger is told about panics. Nil means slog.Default.
	Logger *slog.Logger
	// MaxCalls bounds the calls from other goroutines that wait for the loop. Zero means 65,536.
	MaxCalls int
	// MaxCallBytes bounds the bytes in writes among them. Zero means 64 MiB.
	MaxCallBytes int
}

// A Loop is what the channels of one event loop share: the cache of their buffers, timers, and calls from other
// goroutines. An engine makes one on the goroutine that runs it, and each turn does this:
//
//	wait for events no longer than Timeout; Tick; report events to the ports; Turn
//
// with "defer loop.Recover()" around turns.
type Loop struct {
	// Engine is the engine's own loop, for its connections. The engine sets it before the first channel is opened.
	Engine any

	memory   memory
	current  *Channel    // whose event is being served
	hand     buffer.Hand // what it was called with
	cache    *buffer.Cache
	listed   *Channel // channels with something to do at the end of the turn, linked by next
	lastOne  *Channel
	settling *Channel // being served by settle

	locals []any // by number of the Local
	turns  uint64
	relay  RelayStats
	urgent bool // Channel.Flush was called

	now    time.Duration
	clock  func() time.Duration
	timers timerHeap
	open   int // channels
	slots  []slot
	unused uint32 // first free slot
	log    *slog.Logger

	running []call // calls being run, from runAt on
	runAt   int

	wake     func()
	maxCalls int
	maxBytes int
	mu       sync.Mutex
	calls    []call
	bytes    int
	asleep   bool
	stopped  bool
}

// NewLoop makes a loop for the calling goroutine.
func NewLoop(c LoopConfig) *Loop {
	l := &Loop{cache: c.Pool.NewCache(), clock: c.Now, wake: c.Wake, log: c.Logger, maxCalls: c.MaxCalls, maxBytes: c.MaxCallBytes}
	if l.clock == nil {
		start := time.Now()
		l.clock = func() time.Duration { return time.Since(start) }
	}
	if l.wake == nil {
		l.wake = func() {}
	}
	if l.log == nil {
		l.log = slog.Default()
	}
	if l.maxCalls <= 0 {
		l.maxCalls = 1 << 16
	}
	if l.maxBytes <= 0 {
		l.maxBytes = 64 << 20
	}
	l.slots = make([]slot, 1) // slot 0 is no channel
	l.memory.pool, l.memory.long = c.Pool, longTurn
	l.cache.OnTrim(l.trim)
	l.Tick()
	return l
}

// Cache returns the loop's buffers.
func (l *Loop) Cache() *buffer.Cache { return l.cache }

// Now returns the loop's time, as of the start of the turn.
func (l *Loop) Now() time.Duration { return l.now }

// Logger returns the loop's logger. Any goroutine may call it.
func (l *Loop) Logger() *slog.Logger { return l.log }

// Channels returns the number of open channels. It belongs to the loop.
func (l *Loop) Channels() int { return l.open }

// Turns returns how often the engine has come back from the system with what there is to do, see Tick. What a channel has read by
// the time it does something is there by then; what happens later with the same number was on its way already when the
// turn began. It belongs to the loop.
func (l *Loop) Turns() uint64 { return l.turns }

// Urgent tells an engine, in Backend.Flush, that the output shall leave now. Otherwise it may leave with that of other
// channels, before the loop waits.
func (l *Loop) Urgent() bool { return l.urgent }

// Tick begins a turn, and reads the clock. The engine calls it when it has waited, and before it reads from a channel again
// without having waited.
func (l *Loop) Tick() {
	l.now = l.clock()
	l.turns++
}

// Timeout returns how long the engine may wait for events: zero if there is work, negative if there is no reason to
// wake up. If it is not zero, calls from other goroutines use Wake from now on.
func (l *Loop) Timeout() time.Duration {
	if l.listed != nil || l.runAt < len(l.running) {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.calls) > 0 {
		return 0
	}
	d := time.Duration(-1)
	if t := l.timers.first(); t != nil {
		l.Tick()
		if d = t.when - l.now; d <= 0 {
			return 0
		}
	}
	if d = l.memory.patience(d); d == 0 {
		return 0
	}
	l.asleep = true
	return d
}

// Turn ends a turn: it runs the calls of other goroutines and the timers that are due, sends what was written, and frees
// channels that were closed. What these in turn cause is left for the next turn.
func (l *Loop) Turn() {
	l.runCalls()
	if l.timers.first() != nil {
		l.fire()
	}
	if l.listed != nil {
		l.settle()
	}
	if l.memory.room != nil || l.memory.waits() {
		l.attend()
	}
	l.cache.Publish()
}

// trim gives memory back to the pool that the loop does not need. It is called by other goroutines, while the loop may sleep.
func (l *Loop) trim() {
	l.Do(func(err error) {
		if err == nil {
			l.cache.Trim()
		}
	})
}

// Recover is to be deferred by engines around turns. When code of a channel has panicked it closes the channel and
// logs; the engine begins its next turn.
func (l *Loop) Recover() {
	v := recover()
	if v == nil {
		return
	}
	err := &PanicError{Value: v, Stack: debug.Stack()}
	ch := l.current
	l.log.LogAttrs(context.Background(), slog.LevelError, "ropewalk: panic on an event loop",
		slog.Any("value", v), slog.Bool("channel", ch != nil), slog.String("stack", string(err.Stack)))
	hand := l.hand
	l.urgent = false
	l.leave()
	if s := l.settling; s != nil { // what was to be done for it was not finished
		l.settled()
		l.list(s)
	}
	switch {
	case ch == nil:
	case ch.Closing():
		ch.Abort(err) // it panics while it closes; waiting for it would not end
	default:
		ch.Close(err)
	}
	l.cache.Abandon()
	hand.Reclaim()
}

// leave ends the service of a channel.
func (l *Loop) leave() {
	l.current = nil
	l.hand = buffer.Hand{}
}

// list puts a channel on the list of those with something to do at the end of the turn.
func (l *Loop) list(ch *Channel) {
	if ch.flags&flagListed != 0 || ch.state == gone {
		return
	}
	ch.flags |= flagListed
	if l.listed == nil {
		l.listed = ch
	} else {
		l.lastOne.next = ch
	}
	l.lastOne = ch
}

// settle does what the listed channels have to do. Those that are listed meanwhile wait for the next turn: the work of a
// turn is bounded.
func (l *Loop) settle() {
	for end := l.lastOne; l.listed != nil; {
		ch := l.listed
		l.listed, ch.next = ch.next, nil
		l.current, l.settling = ch, ch // listed until its turn is over
		if ch.flags&flagResumed != 0 && ch.state == opened {
			ch.resumed()
		}
		if ch.state == opened && ch.flags&flagEndOut != 0 {
			ch.send()
		}
		ch.flush()
		l.leave()
		l.settled()
		if ch.state == closed {
			ch.dispose()
		} else if ch.flags&flagResumed != 0 && ch.state == opened || ch.out.again() {
			l.list(ch)
		}
		if ch == end {
			return
		}
	}
}

// settled ends the time in which a channel cannot be listed because settle serves it.
func (l *Loop) settled() {
	if ch := l.settling; ch != nil {
		ch.flags &^= flagListed
		l.settling = nil
	}
}

// Stop ends the loop: calls that wait, and later ones, get ErrClosed. The engine has closed all channels before.
func (l *Loop) Stop() {
	l.mu.Lock()
	l.stopped = true
	l.running = append(l.running[l.runAt:], l.calls...) // a panic may have left some that were being run
	l.runAt, l.calls, l.bytes = 0, nil, 0
	l.mu.Unlock()
	for l.runAt < len(l.running) {
		c := l.running[l.runAt]
		l.runAt++
		c.refuse(ErrClosed)
	}
	l.running = nil
	l.runAt = 0
	l.memory.dropRoom()
	l.cache.Close()
}
