package channel

import (
	"time"

	"github.com/ropewalk/ropewalk/buffer"
)

// relayEnd is one side of a relay: the sink of its channel.
type relayEnd struct {
	relay *relay
	ch    *Channel
	to    *relayEnd // the other side
	old   Sink      // that of the channel before, until it is told that it is out of use

	held   held
	heldAt time.Duration // since when it is held by the tap
	tap    *Tap          // of what comes from the channel
	wake   func(error)   // what the tap calls, on the loop

	flow  flow
	stats RelayStats
	entry File // what is in a pipe, in the queue of the other side
}

// held is the set of reasons why a side does not read.
type held uint8

const (
	heldTaking held = 1 << iota // its former sink is not out of use yet
	heldFull                    // the queue of the other side is above the high mark
	heldPipe                    // a pipe in that queue is not empty
	heldTap
)

// join makes e the sink of a channel.
func (e *relayEnd) join(r *relay, ch *Channel, to *relayEnd, tap *Tap, splices bool) {
	*e = relayEnd{relay: r, ch: ch, to: to, old: ch.sink, held: heldTaking, tap: tap, flow: flow{able: splices, piece: leastPipe}}
	if tap != nil {
		e.wake = e.woken
	}
	ch.sink = e
	ch.rares().relay = e
	ch.ended |= relayed | stays
	ch.halt = ch.halt&^haltFull | haltRelay
	ch.updateReading()
	ch.resumable()
}

// takeOver puts the former sink out of use, and begins to read.
func (e *relayEnd) takeOver() error {
	ch, old := e.ch, e.old
	e.old = nil
	rest := leftover(old)
	if rest != nil {
		ch.Hold(rest)
	}
	old.Closed(nil)
	ch.Keep()
	ch.halt &^= haltPaused | haltSwitch
	e.release(heldTaking)
	if e.tap != nil && e.tap.full(e) {
		e.hold(heldTap)
	}
	if e.to.ch.flags&flagFull != 0 {
		e.hold(heldFull)
	}
	if rest != nil && rest.Len() > 0 {
		if err := e.pass(rest); err != nil {
			return err
		}
		e.send()
	} else if rest != nil {
		rest.Release()
	}
	if ch.ended&endedIn != 0 {
		e.to.ch.CloseWrite()
	}
	return nil
}

// leftover returns what a sink, or the one behind it, has not used, nil if there is nothing.
func leftover(s Sink) *buffer.Buf {
	for {
		switch v := s.(type) {
		case interface{ Leftover() *buffer.Buf }:
			return v.Leftover()
		case interface{ Unwrap() Sink }:
			s = v.Unwrap()
		default:
			return nil
		}
	}
}

// hold stops reading.
func (e *relayEnd) hold(why held) {
	if why == heldTap && e.held&heldTap == 0 {
		e.heldAt = e.ch.loop.now
	}
	e.held |= why
	e.ch.suspend(haltRelay)
	if why == heldTap {
		e.relay.arm()
	}
}

// release undoes hold.
func (e *relayEnd) release(why held) {
	if e.held&why == 0 {
		return
	}
	if e.held &^= why; e.held == 0 && e.ch.state == opened {
		e.ch.halt &^= haltRelay
		e.ch.updateReading()
	}
}

// sent is called when the queue of the channel was given to the engine, and tells whether some of it has left. The other side may
// read on then.
func (e *relayEnd) sent(some bool) {
	if some {
		e.relay.moved()
	}
	from := e.to
	if from.held&(heldFull|heldPipe) == 0 {
		return
	}
	if e.ch.flags&flagFull == 0 {
		from.release(heldFull)
	}
	if from.held&heldPipe != 0 && e.ch.out.done() {
		from.flow.taken(e.ch.loop.now)
		from.release(heldPipe)
	}
}

// pass gives to the other side what was received. It leaves when the burst is over.
func (e *relayEnd) pass(b *buffer.Buf) error {
	n := b.Len()
	e.relay.moved()
	e.stats.Copied += int64(n)
	e.ch.loop.relay.Copied += int64(n)
	if e.tap != nil {
		e.tapBytes(b)
	}
	to := e.to.ch
	if to.state != opened || to.flags&flagEndOut != 0 {
		b.Release()
		return ErrClosed
	}
	to.out.push(to.loop.cache, b) // above Max, if it is: heldFull bounds what comes after it
	e.flow.copied(n)
	return nil
}

// send sends what was passed on, and stops reading if too much is left.
func (e *relayEnd) send() {
	to := e.to.ch
	if !to.out.done() {
		to.send()
	}
	if to.out.weight > to.opts.Marks.High {
		to.flags |= flagFull
	}
	if to.flags&flagFull != 0 {
		e.hold(heldFull)
	}
}

// Open implements Sink.
func (e *relayEnd) Open(*Channel) error { return nil }

// Read implements Sink.
func (e *relayEnd) Read(b *buffer.Buf) error { return e.pass(b) }

// ReadDone implements Sink. It may be that of a burst in which the former sink has begun the relay.
func (e *relayEnd) ReadDone() error {
	if e.old != nil {
		return e.old.ReadDone()
	}
	e.send()
	return nil
}

// EOF implements Sink.
func (e *relayEnd) EOF() error {
	if e.old == nil {
		e.to.ch.CloseWrite()
	}
	return nil
}

// Writable implements Sink.
func (e *relayEnd) Writable() error {
	if e.old != nil {
		return e.takeOver()
	}
	return nil
}

// Drain is called when the server stops, perhaps several times.
func (e *relayEnd) Drain() bool {
	if r := e.relay; !r.draining {
		r.draining = true
		r.moved() // what is under way shall have its second
		r.arm()
	}
	return true
}

// Closed implements Sink.
func (e *relayEnd) Closed(cause error) {
	defer e.over(cause)                    // also when the former sink panics
	if to := e.to.ch; to.state == opened { // a panic has cut closing short
		to.Abort(cause)
	}
	if old := e.old; old != nil {
		e.old = nil
		old.Closed(cause)
	}
}

// over notes that the channel is closed.
func (e *relayEnd) over(cause error) {
	r := e.relay
	if e.tap != nil {
		e.tap.forget(e)
	}
	if r.failure == nil {
		r.failure = cause
	}
	if r.left--; r.left == 0 {
		r.timer.Stop()
		if f := r.options.Ended; f != nil {
			f(RelayResult{r.ends[0].stats, r.ends[1].stats, r.failure})
		}
	}
}
