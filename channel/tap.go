package channel

import (
	"io"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
)

// TapOptions say what happens when the writer behind a Tap is slow, or fails.
type TapOptions struct {
	// Limit is how many bytes may wait to be written. Zero means 4 MiB. One piece more than that may come from each
	// relay.
	Limit int
	// Drop lets relays go on while that many wait, or when the writer has failed: what comes then is not copied, and counted in
	// RelayStats.Untapped. Otherwise no byte passes without a copy: relays pause until the writer goes on, and are aborted with
	// ErrTapStalled if it does not, or with its error.
	Drop bool
	// Patience is how long a relay waits for a tap that does not drop. Zero means 10 s.
	Patience time.Duration
}

const (
	defaultTapLimit    = 4 << 20
	defaultTapPatience = 10 * time.Second
	smallCopy          = 16 << 10 // up to this a tap has bytes copied rather than keep the block they came in
)

// A Tap writes a copy of what comes through relays, on a goroutine of its own: loops never wait for a disk.
//
//	relay ──► Buf or pipe ──► queue of Limit bytes ──► goroutine ──► io.Writer
//
// If the writer is an *os.File bytes of a stream come there without having been in our memory: by tee(2), then splice(2), on
// engines that relay by splice(2). Its methods may be called by any goroutine. It must be closed when the relays that use it have
// ended.
type Tap struct {
	w        io.Writer
	limit    int
	drop     bool
	patience time.Duration

	mu      sync.Mutex
	more    sync.Cond
	queue   []tapPiece // from head on
	head    int
	waiting int         // bytes, those that are being written included
	sleeper []*relayEnd // to be woken
	err     error
	closed  bool
	done    chan struct{}
}

// tapPiece is n bytes, in a Buf or in a pipe.
type tapPiece struct {
	b    *buffer.Buf
	pipe Pipe
	n    int
}

// writeTo writes the piece. A writer that panics has failed.
func (p *tapPiece) writeTo(w io.Writer) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	if p.b != nil {
		_, err = p.b.WriteTo(w)
	} else {
		_, err = p.pipe.WriteTo(w)
	}
	return err
}

func (p *tapPiece) release() {
	if p.b != nil {
		p.b.Release()
	} else {
		p.pipe.Release()
	}
}

// NewTap returns a tap that writes to w, which stays the caller's, and must not be used for anything else until Close.
func NewTap(w io.Writer, o TapOptions) *Tap {
	t := &Tap{w: w, limit: o.Limit, drop: o.Drop, patience: o.Patience, done: make(chan struct{})}
	if t.limit <= 0 {
		t.limit = defaultTapLimit
	}
	if t.patience <= 0 {
		t.patience = defaultTapPatience
	}
	t.more.L = &t.mu
	go t.run()
	return t
}

// Close writes what waits, ends the tap, and returns the first error of the writer. Later copies are refused with ErrClosed.
func (t *Tap) Close() error {
	t.mu.Lock()
	t.closed = true
	t.more.Signal()
	t.mu.Unlock()
	<-t.done
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// Err returns the first error of the writer so far.
func (t *Tap) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// run writes, until the tap is closed.
func (t *Tap) run() {
	defer close(t.done)
	t.mu.Lock()
	defer t.mu.Unlock()
	for {
		for t.head == len(t.queue) {
			t.queue, t.head = t.queue[:0], 0
			if t.closed {
				return
			}
			t.more.Wait()
		}
		p := t.queue[t.head]
		t.queue[t.head] = tapPiece{}
		t.head++
		failed := t.err != nil
		t.mu.Unlock()
		var err error
		if !failed {
			err = p.writeTo(t.w)
		}
		p.release()
		t.mu.Lock()
		if t.waiting -= p.n; err != nil && t.err == nil {
			t.err = err
		}
		if len(t.sleeper) > 0 && (t.waiting <= t.limit/2 || t.err != nil) {
			t.wakeAll()
		}
	}
}

// wakeAll has those go on who wait for room.
func (t *Tap) wakeAll() {
	for i, e := range t.sleeper {
		t.sleeper[i] = nil
		e.ch.loop.Do(e.wake)
	}
	t.sleeper = t.sleeper[:0]
}

// takes tells whether a copy is wanted now.
func (t *Tap) takes() bool {
	if !t.drop {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.waiting < t.limit && t.err == nil && !t.closed
}

// full tells whether a relay has to wait before it reads; it is woken then.
func (t *Tap) full(e *relayEnd) bool {
	if t.drop {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting < t.limit || t.err != nil || t.closed {
		return false
	}
	t.sleeper = append(t.sleeper, e)
	return true
}

// forget takes a relay out of those who wait.
func (t *Tap) forget(e *relayEnd) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sleeper = slices.DeleteFunc(t.sleeper, func(o *relayEnd) bool { return o == e })
}

// offer queues a piece, or releases it if it is dropped. It tells whether the relay has to wait before it brings more;
// e is then woken when there is room.
func (t *Tap) offer(e *relayEnd, p tapPiece) (wait bool, dropped bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.err != nil:
		err = t.err
	case t.closed:
		err = ErrClosed
	}
	if err != nil || t.drop && t.waiting >= t.limit {
		p.release()
		if t.drop {
			err = nil
		}
		return false, true, err
	}
	if t.head > 64 && t.head > len(t.queue)/2 { // so that a tap that never comes to rest does not grow
		rest := copy(t.queue, t.queue[t.head:])
		clear(t.queue[rest:])
		t.queue, t.head = t.queue[:rest], 0
	}
	t.queue = append(t.queue, p)
	t.waiting += p.n
	t.more.Signal()
	if t.waiting < t.limit || t.drop {
		return false, false, nil
	}
	t.sleeper = append(t.sleeper, e)
	return true, false, nil
}

// tapBytes gives the tap a copy of what was received.
//
//bufvet:borrow b
func (e *relayEnd) tapBytes(b *buffer.Buf) {
	n := b.Len()
	if !e.tap.takes() {
		e.untapped(n)
		return
	}
	var p *buffer.Buf
	if n <= smallCopy {
		if c, err := e.ch.loop.cache.TryAlloc(n); err == nil {
			c.Commit(b.CopyAt(c.Tail(n)[:n], 0))
			p = c
		}
	}
	if p == nil {
		p = b.Clone()
	}
	e.tapped(tapPiece{b: p, n: n})
}

// tapPipe gives the tap a pipe with n bytes, nil if it does not want them.
func (e *relayEnd) tapPipe(p Pipe, n int) {
	if p == nil {
		e.untapped(n)
		return
	}
	e.tapped(tapPiece{pipe: p, n: n})
}

func (e *relayEnd) tapped(p tapPiece) {
	wait, dropped, err := e.tap.offer(e, p)
	switch {
	case err != nil:
		e.ch.Abort(NewOpError("tap", err))
	case dropped:
		e.untapped(p.n)
	case wait:
		e.hold(heldTap)
	}
}

func (e *relayEnd) untapped(n int) {
	e.stats.Untapped += int64(n)
	e.ch.loop.relay.Untapped += int64(n)
}

// woken is called when the tap has room again.
func (e *relayEnd) woken(err error) {
	switch {
	case err == ErrRemoteFull:
		time.AfterFunc(time.Millisecond, func() { e.ch.loop.Do(e.wake) })
	case err != nil:
	default:
		e.release(heldTap)
	}
}
