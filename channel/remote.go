package channel

import (
	"github.com/ropewalk/ropewalk/buffer"
)

// A Remote is a channel as seen from other goroutines: a small comparable value, safe for concurrent use, that does not keep
// the channel alive and stays safe to use when it is gone. Calls are run in the order in which one goroutine makes them.
// The zero Remote refers to no channel; its calls fail with ErrClosed.
type Remote struct {
	loop *Loop
	slot uint32
	gen  uint32
}

type slot struct {
	ch   *Channel
	gen  uint32
	next uint32 // in the list of free slots
}

// call is what another goroutine asks of a loop.
type call struct {
	to  Remote
	b   *buffer.Buf // of a write; of f if there is one
	f   func(*Channel, error)
	why error // of a close, with neither b nor f
}

// Remote returns the value through which other goroutines reach the channel. It must be called on the loop, before the channel
// is closed; afterwards it returns the zero Remote.
func (ch *Channel) Remote() Remote {
	l := ch.loop
	if ch.state == gone || ch.state == closed {
		return Remote{}
	}
	if ch.slot == 0 {
		if l.unused == 0 {
			l.slots = append(l.slots, slot{})
			l.unused = uint32(len(l.slots) - 1)
		}
		ch.slot = l.unused
		s := &l.slots[ch.slot]
		l.unused = s.next
		s.ch = ch
	}
	return Remote{l, ch.slot, l.slots[ch.slot].gen}
}

// freeSlot makes all Remotes of a channel stale.
func (l *Loop) freeSlot(ch *Channel) {
	if ch.slot == 0 {
		return
	}
	s := &l.slots[ch.slot]
	s.ch, s.next = nil, l.unused
	s.gen++
	l.unused, ch.slot = ch.slot, 0
}

// Write queues b on the channel and consumes it, also when it fails: with ErrClosed if the loop has ended, or with
// ErrRemoteFull if too much waits for the loop. A write to a channel that is gone, or refused later by the
// channel's hard cap, is dropped; use Do to learn of that.
func (r Remote) Write(b *buffer.Buf) error {
	moved := b.Split(b.Len()) // in a handle of its own: a loop that recovers from a panic does not take it for lost, see Hand
	b.Release()
	if err := r.post(call{to: r, b: moved}); err != nil {
		moved.Release()
		return err
	}
	return nil
}

// Do runs f on the channel's loop. f runs exactly once: on the loop, with the channel or with a nil channel and ErrClosed
// if it is gone; or right now, on the calling goroutine, with ErrRemoteFull or ErrClosed if the loop cannot
// take the call.
func (r Remote) Do(f func(*Channel, error)) {
	if err := r.post(call{to: r, f: f}); err != nil {
		f(nil, err)
	}
}

// DoWith is Do for an f that uses b, whose bytes count among those that wait for the loop. f owns b, whatever it is called with. If
// the loop cannot take the call, b is released, f is not called, and DoWith returns ErrRemoteFull or ErrClosed.
func (r Remote) DoWith(b *buffer.Buf, f func(*Channel, error)) error {
	err := r.post(call{to: r, b: b, f: f})
	if err != nil {
		b.Release()
	}
	return err
}

// Close closes the channel as Channel.Close does. It is not refused when other calls are, to get rid of a channel that
// causes too many, unless twice as many wait.
func (r Remote) Close(cause error) error { return r.post(call{to: r, why: cause}) }

func (r Remote) post(c call) error {
	if r.loop == nil {
		return ErrClosed
	}
	return r.loop.post(c)
}

// Do runs f on the loop. f runs exactly once: on the loop, with nil or with ErrClosed if the loop ends before its turn
// comes; or right now, on the calling goroutine, with ErrRemoteFull or ErrClosed if the loop cannot take the call.
// Do may be called by any goroutine.
func (l *Loop) Do(f func(error)) {
	if err := l.post(call{f: func(_ *Channel, err error) { f(err) }}); err != nil {
		f(err)
	}
}

func (l *Loop) post(c call) error {
	n := 0
	if c.b != nil {
		n = c.b.Len()
	}
	l.mu.Lock()
	switch {
	case l.stopped:
		l.mu.Unlock()
		return ErrClosed
	case len(l.calls) >= l.maxCalls && (c.b != nil || c.f != nil || len(l.calls) >= 2*l.maxCalls), n > 0 && l.bytes > 0 && l.bytes+n > l.maxBytes:
		l.mu.Unlock()
		return ErrRemoteFull
	}
	l.calls = append(l.calls, c)
	l.bytes += n
	wake := l.asleep
	l.asleep = false
	l.mu.Unlock()
	if wake {
		l.wake()
	}
	return nil
}

// runCalls runs the calls that were waiting when it began.
func (l *Loop) runCalls() {
	if l.runAt == len(l.running) {
		l.mu.Lock()
		l.running, l.calls = l.calls, l.running[:0]
		l.bytes, l.asleep = 0, false
		l.mu.Unlock()
		l.runAt = 0
	}
	for l.runAt < len(l.running) {
		c := l.running[l.runAt]
		l.running[l.runAt] = call{}
		l.runAt++ // before the call, which may panic
		l.run(c)
	}
}

func (l *Loop) run(c call) {
	if c.to.slot == 0 { // of the loop, not of a channel
		c.f(nil, nil)
		return
	}
	s := &l.slots[c.to.slot]
	if s.ch == nil || s.gen != c.to.gen {
		c.refuse(ErrClosed)
		return
	}
	switch {
	case c.f != nil:
		l.current = s.ch
		l.list(s.ch)
		c.f(s.ch, nil)
		l.leave()
	case c.b != nil:
		s.ch.Write(c.b)
	default:
		s.ch.Close(c.why)
	}
}

// refuse answers a call that cannot be run.
func (c *call) refuse(err error) {
	switch {
	case c.f != nil:
		c.f(nil, err)
	case c.b != nil:
		c.b.Release()
	}
}
