package channel

import (
	"net"
	"os"

	"github.com/ropewalk/ropewalk/buffer"
)

// A Channel is one connection. It belongs to its loop: all methods must be called there, which is where everything runs that
// is given a Channel. Other goroutines use Remote.
//
// States only move to the right:
//
//	opened ──► closing ──► lingering ──► closed
//	           sending     our side      all gone,
//	           the rest    has ended     Closed told
type Channel struct {
	sink    Sink
	loop    *Loop
	opts    *Options
	halt    halt
	state   state
	ended   ended
	flags   flag
	lacks   uint32 // bytes missing to a message that has begun, 0 if that is not known
	out     Outbound
	backend Backend

	next   *Channel // in a list of the loop
	timers *Timer
	slot   uint32 // in Loop.slots, 0 if there never was a Remote
	eaten  uint32 // input dropped while lingering
	rare   *rare
}

// rare is what most channels do not have for most of their lives.
type rare struct {
	cause  error
	attr   any
	linger *Timer      // bounds closing
	files  *[]*os.File // received, and not taken
	relay  *relayEnd   // see Relay
}

func (ch *Channel) rares() *rare {
	if ch.rare == nil {
		ch.rare = new(rare)
	}
	return ch.rare
}

func (ch *Channel) setCause(err error) {
	if err != nil {
		ch.rares().cause = err
	}
}

// Cause returns why the channel was closed, nil if it was not, or for a normal end.
func (ch *Channel) Cause() error {
	if ch.rare == nil {
		return nil
	}
	return ch.rare.cause
}

// halt is the set of reasons why no input may be delivered. A decoder looks at it after every message.
type halt uint8

const (
	haltClosed halt = 1 << iota // closing or closed
	haltFull                    // the queue is above the high mark
	haltPaused                  // SetReading(false)
	haltSwitch                  // the pipeline is being replaced
	haltRelay                   // the other side of its relay, or the tap, does not take what it brings
)

type state uint8

const (
	fresh state = iota // Open was not called yet
	opened
	closing
	lingering
	closed
	gone // Closed was told
)

// ended is the set of directions that have ended, and whether the channel outlives the end of the first.
type ended uint8

const (
	endedIn  ended = 1 << iota // the peer ended its stream
	endedOut                   // we ended ours
	stays                      // KeepOpen was called
	relayed                    // it is one side of a relay, see Relay
)

type flag uint8

const (
	flagListed  flag = 1 << iota // in a list of the loop
	flagReading                  // what the backend was told last
	flagAbort                    // close without sending the rest
	flagEndOut                   // CloseWrite was called
	flagResumed                  // the sink is to be told that it may deliver again
	flagFull                     // the queue is above the high mark, or has not been down to the low one since
	flagWaiting                  // in a list of those that wait for memory to read into
	flagCompact                  // the queue was copied into a block of its own since it was empty
)

// Loop returns the channel's loop.
func (ch *Channel) Loop() *Loop { return ch.loop }

// Alloc returns a buffer with room for n bytes from the loop's cache. It panics with buffer.ErrLimit when the pool is at its
// limit, which closes the channel.
func (ch *Channel) Alloc(n int) *buffer.Buf { return ch.loop.cache.Alloc(n) }

// Cache returns the loop's cache.
func (ch *Channel) Cache() *buffer.Cache { return ch.loop.cache }

// LocalAddr returns the local address of the connection.
func (ch *Channel) LocalAddr() net.Addr { return ch.backend.LocalAddr() }

// RemoteAddr returns the peer's address.
func (ch *Channel) RemoteAddr() net.Addr { return ch.backend.RemoteAddr() }

// Sink returns what receives the channel's events.
func (ch *Channel) Sink() Sink { return ch.sink }

// SetAttr stores a value of the application with the channel, in place of the one before.
func (ch *Channel) SetAttr(v any) { ch.rares().attr = v }

// Attr returns what SetAttr has stored.
func (ch *Channel) Attr() any {
	if ch.rare == nil {
		return nil
	}
	return ch.rare.attr
}

// Halted tells whether no input shall be delivered now: the channel is closing, its queue is above the high
// mark, reading is paused, or its pipeline is being replaced. Whoever turns one read into several messages asks after
// each, and keeps the rest until Sink.Writable.
func (ch *Channel) Halted() bool { return ch.halt != 0 }

// Closing tells whether the channel is closing or closed: no input is delivered, and writes are refused. They are also refused
// after CloseWrite.
func (ch *Channel) Closing() bool { return ch.state != opened }

// Writable tells whether the queue is not above the high mark. Those who produce more than they were asked for stop when it
// returns false and go on at Sink.Writable.
func (ch *Channel) Writable() bool { return ch.flags&flagFull == 0 && ch.halt&haltClosed == 0 }

// Queued returns the weight of what is queued, see Outbound.Weight.
func (ch *Channel) Queued() int { return ch.out.weight }

// Unsent returns how many bytes are queued, with all that is left of files.
func (ch *Channel) Unsent() int64 { return ch.out.rest() }

// Write queues b and consumes it, also when it fails: with ErrClosed after the channel was closed for writing, or with
// ErrOutboundFull beyond the hard cap.
func (ch *Channel) Write(b *buffer.Buf) error {
	l := ch.loop
	w := ch.out.weight + b.Len()
	if ch.state != opened || l.current != ch || w > ch.opts.Marks.High || ch.flags&flagEndOut != 0 || ch.out.files != nil {
		return ch.write(b)
	}
	// The common case: a reply, within the burst that it belongs to.
	ch.out.weight = w
	ch.out.bytes.Push(l.cache, b)
	return nil
}

func (ch *Channel) write(b *buffer.Buf) error {
	if err := ch.refuses(b.Len()); err != nil {
		b.Release()
		return err
	}
	ch.out.push(ch.loop.cache, b)
	ch.written()
	return nil
}

// WriteFile is Write for a file.
func (ch *Channel) WriteFile(f *File) error {
	if err := ch.refuses(fileWeight); err != nil {
		f.Release()
		return err
	}
	ch.out.pushFile(f)
	ch.written()
	return nil
}

// refuses tells why something of a weight cannot be written, nil if it can.
func (ch *Channel) refuses(weight int) error {
	switch w := ch.out.weight; {
	case ch.state != opened || ch.flags&flagEndOut != 0:
		return ErrClosed
	case w > 0 && w+weight > ch.opts.Marks.Max:
		return ErrOutboundFull
	}
	return nil
}

// written notes that the queue has grown.
func (ch *Channel) written() {
	if ch.out.weight > ch.opts.Marks.High && ch.flags&flagFull == 0 {
		ch.send() // perhaps the system takes it
		if ch.out.weight > ch.opts.Marks.High {
			ch.flags |= flagFull
			if !ch.opts.KeepReading && ch.ended&relayed == 0 {
				ch.halt |= haltFull
				ch.updateReading()
			}
		}
	}
	if ch.loop.current != ch {
		ch.loop.list(ch)
	}
}

// Flush sends what is queued now, as far as the system takes it, rather than when the burst or turn ends. A failure is not
// returned: it aborts the channel.
func (ch *Channel) Flush() {
	ch.loop.urgent = true
	ch.send()
	ch.loop.urgent = false
}

// SetReading pauses or resumes the delivery of input.
func (ch *Channel) SetReading(on bool) {
	if on {
		ch.resume(haltPaused)
	} else {
		ch.suspend(haltPaused)
	}
}

// Suspend makes Halted true and stops reading until Unsuspend is called. It is for pipelines that are being replaced, and for
// stages that wait for something; SetReading is the same for applications.
func (ch *Channel) Suspend() { ch.suspend(haltSwitch) }

// Unsuspend undoes Suspend.
func (ch *Channel) Unsuspend() { ch.resume(haltSwitch) }

// Yield has Sink.Writable called at the end of the loop's turn: for those who have more to do, and let other channels go first.
func (ch *Channel) Yield() { ch.resumable() }

func (ch *Channel) suspend(why halt) {
	if ch.halt&why == 0 {
		ch.halt |= why
		ch.updateReading()
	}
}

func (ch *Channel) resume(why halt) {
	if ch.halt&why != 0 {
		ch.halt &^= why
		ch.resumable()
	}
}

// resumable has the sink told, at the end of the turn, that it may deliver or write again.
func (ch *Channel) resumable() {
	if ch.state == opened {
		ch.flags |= flagResumed
		ch.loop.list(ch)
	}
}

// updateReading tells the backend whether input is wanted, if that has changed.
func (ch *Channel) updateReading() {
	want := ch.ended&endedIn == 0 && (ch.state == opened && ch.halt == 0 && ch.flags&flagWaiting == 0 || ch.state == lingering)
	if want != (ch.flags&flagReading != 0) && ch.state < closed {
		ch.flags ^= flagReading
		ch.backend.SetReading(want)
	}
}
