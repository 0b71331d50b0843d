package channel

import (
	"errors"
	"fmt"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
)

// RelayOptions say how a relay works. The zero value is a good one.
type RelayOptions struct {
	// Pipe is how many bytes the kernel keeps at most, for each direction, between having taken them from one socket and giving them
	// to the other one; it is in use only while a stream flows. Zero means 1 MiB, which only root may exceed. What a slow peer
	// makes wait is a part of it, down to 64 KiB. Negative means that bytes never go by a pipe.
	Pipe int
	// Idle is how long both directions may be silent until both channels close with ErrRelayIdle. Zero means for ever.
	Idle time.Duration
	// TapA gets a copy of what comes from a, TapB of what comes from b, each in order. Both may be the same tap, and several
	// relays may share one: then pieces stand in the order in which they came.
	TapA, TapB *Tap
	// Ended, if not nil, is called once, on the loop, when both channels are closed.
	Ended func(RelayResult)
}

// RelayResult tells how a relay has ended.
type RelayResult struct {
	FromA, FromB RelayStats // what was taken from either channel; if the relay has failed not all of it has reached the other
	Err          error      // the first cause of one of the channels to close, nil for a normal end of both
}

// RelayStats count bytes that came through relays.
type RelayStats struct {
	Copied   int64 // through our memory
	Spliced  int64 // by a pipe inside of the kernel
	Untapped int64 // those of which a tap that may drop bytes has got no copy
}

const (
	defaultPipe = 1 << 20
	leastPipe   = 64 << 10
	drainSilent = time.Second // how long a relay must be silent to be closed when its server stops
)

// Relay joins two open channels of one loop: from now on what is received from either is sent to the other. It must be called on
// that loop; transport.Client.DialOn gets a channel onto the loop of another one.
//
//	a ──► Read ──────── *Buf ───────► queue of b      short messages, and all on engines without splice(2)
//	a ──► splice ─────► pipe ───────► queue of b      streams, on sockets of Linux
//	              tee └► pipe ─► Tap
//
// What is queued already leaves first. The sinks are out of use: when the present call has returned each is asked for what it has
// not used, if it has a method Leftover() *buffer.Buf, as a pipeline does, and gets Closed(nil). Reading that was paused goes on.
// Open files that came along with bytes (Descriptors) are not passed on.
//
// A channel whose peer does not take what comes makes the other one pause. The end of one stream ends the other's (CloseWrite) when
// all before it was sent; the other direction goes on. When both have ended both channels close. Close of one closes the other in
// order, Abort or an error aborts it, with the same cause. When its server drains, a relay goes on until both directions have been
// silent for a second; then both channels close with ErrShutdown.
//
// It fails, and changes nothing, if the two are the same channel, or on different loops, or if one is closing, has ended its
// stream, or is relayed: the last two are ErrClosed and ErrRelayed.
func Relay(a, b *Channel, o RelayOptions) error {
	switch {
	case a == b:
		return errors.New("channel: a channel cannot be relayed to itself")
	case a.loop != b.loop:
		return errors.New("channel: the channels of a relay are on different loops")
	}
	if err := a.relayable(); err != nil {
		return fmt.Errorf("channel: the first side of a relay: %w", err)
	}
	if err := b.relayable(); err != nil {
		return fmt.Errorf("channel: the second side of a relay: %w", err)
	}
	if o.Pipe == 0 {
		o.Pipe = defaultPipe
	}
	r := &relay{options: o, left: 2, last: a.loop.now}
	splices := o.Pipe > 0 && a.splices() && b.splices()
	r.ends[0].join(r, a, &r.ends[1], o.TapA, splices)
	r.ends[1].join(r, b, &r.ends[0], o.TapB, splices)
	r.timer = Timer{ch: a, index: -1, e: r}
	r.timer.link(MaxTimers + 1)
	r.arm()
	return nil
}

// relayable tells why the channel cannot be joined to another one, nil if it can.
func (ch *Channel) relayable() error {
	switch {
	case ch.ended&relayed != 0:
		return ErrRelayed
	case ch.state != opened || ch.flags&flagEndOut != 0:
		return ErrClosed
	}
	return nil
}

// RelayTo returns a function that opens a channel as the other side of a relay with ch: for Client.DialOn. It keeps ch from being
// freed; if that has closed meanwhile the new channel closes too.
func RelayTo(ch *Channel, o RelayOptions) func(*Channel) Sink {
	return func(*Channel) Sink { return &joining{ch: ch, options: o} }
}

// joining is the sink of a channel that is about to be joined to another one.
type joining struct {
	ch      *Channel
	options RelayOptions
}

func (j *joining) Open(b *Channel) error    { return Relay(j.ch, b, j.options) }
func (j *joining) Read(b *buffer.Buf) error { b.Release(); return nil }
func (j *joining) ReadDone() error          { return nil }
func (j *joining) EOF() error               { return nil }
func (j *joining) Writable() error          { return nil }
func (j *joining) Closed(error)             {}

// relay is what the two sides have in common.
type relay struct {
	ends     [2]relayEnd
	options  RelayOptions
	timer    Timer
	last     time.Duration // when something moved, on the loop's clock
	left     int           // sides that were not told Closed
	draining bool
	failure  error
}

func (r *relay) loop() *Loop { return r.ends[0].ch.loop }

// moved notes that bytes have moved.
func (r *relay) moved() { r.last = r.loop().now }

// arm sets the timer to the time when something is due, if something is.
func (r *relay) arm() {
	if wait, due := r.wait(); due != nil {
		r.timer.Reset(wait)
	}
}

// wait returns how long the relay may go on without news, and the cause with which it ends then; nil for ever.
func (r *relay) wait() (wait time.Duration, due error) {
	l := r.loop()
	silent := l.now - r.last
	sooner := func(d time.Duration, cause error) {
		if due == nil || d < wait {
			wait, due = d, cause
		}
	}
	if r.options.Idle > 0 {
		sooner(r.options.Idle-silent, ErrRelayIdle)
	}
	if r.draining {
		sooner(drainSilent-silent, ErrShutdown)
	}
	for i := range r.ends {
		if e := &r.ends[i]; e.held&heldTap != 0 && e.ch.state == opened {
			sooner(e.tap.patience-(l.now-e.heldAt), ErrTapStalled)
		}
	}
	return wait, due
}

// Expired implements Expirer.
func (r *relay) Expired() {
	a := r.ends[0].ch
	switch wait, due := r.wait(); {
	case due == nil:
	case wait > 0:
		r.timer.Reset(wait)
	case due == ErrTapStalled:
		a.Abort(due)
	default:
		a.Close(due)
	}
}

// RelayStats returns how many bytes have come through relays of the loop. It belongs to the loop.
func (l *Loop) RelayStats() RelayStats { return l.relay }
