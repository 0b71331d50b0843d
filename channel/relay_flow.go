package channel

import (
	"io"
	"time"
)

// flow decides how the bytes of one direction of a relay move. A splice of a few bytes costs more than a read and a write of
// them, one of many costs a fraction, and no memory of ours; so the size of what comes decides.
//
//	copying ── two reads of manyBytes, or one that has filled its room ──► splicing
//	        ◄── fewSplices in a row of less than fewBytes ───────────────
type flow struct {
	able  bool // both channels can splice
	now   bool // and it does
	run   uint8
	piece int           // the most to be spliced at a time
	since time.Duration // when a pipe was left in the queue of the other side
}

const (
	manyBytes  = 16 << 10
	fullRead   = 60 << 10
	fewBytes   = 8 << 10
	fewSplices = 4
	slowPipe   = 100 * time.Millisecond
)

// copied notes a read of n bytes.
func (f *flow) copied(n int) {
	switch {
	case !f.able:
	case n < manyBytes:
		f.run = 0
	default:
		if f.run++; f.run >= 2 || n >= fullRead {
			f.now, f.run = true, 0
		}
	}
}

// spliced notes that n bytes were spliced. The pieces of a stream that fills them become larger, up to most.
func (f *flow) spliced(n, most int) {
	if n >= fewBytes {
		f.run = 0
	} else if f.run++; f.run == fewSplices {
		f.now, f.run = false, 0
	}
	if n >= f.piece {
		f.piece = min(2*f.piece, most)
	}
}

// taken notes that the other side has taken what was left in a pipe. A peer that takes long for it gets smaller ones, so that slow
// peers do not keep much of the kernel's memory in use.
func (f *flow) taken(now time.Duration) {
	if now-f.since >= slowPipe {
		f.piece = max(f.piece/2, leastPipe)
	}
}

// A Pipe is a pipe of the kernel, pipe(7), in which an engine keeps bytes on their way through a relay: on to the other channel, or
// to a Tap.
type Pipe interface {
	// WriteTo moves what is in it to the writer of a Tap. It may be called by any goroutine, and blocks.
	WriteTo(io.Writer) (int64, error)
	// Release gives the pipe up, with the bytes that are still in it. It may be called by any goroutine.
	Release()
}

// A Splicer is a Backend that can move input into a Pipe, and send what is in one.
type Splicer interface {
	// Splices tells whether it can for this connection.
	Splices() bool
}

func (ch *Channel) splices() bool {
	s, ok := ch.backend.(Splicer)
	return ok && s.Splices()
}

// Relayed tells whether the channel is one side of a relay, so that SpliceRoom is to be asked.
func (p *Port) Relayed() bool { return p.ended&relayed != 0 }

// SpliceRoom returns how many bytes of input the engine is to move into an empty pipe at most, to be passed to Spliced, and
// whether a copy is wanted too. Zero means that they are to be read as usual; below zero, that reading was paused.
func (p *Port) SpliceRoom() (n int, tee bool) {
	if p.ended&relayed == 0 || p.state != opened {
		return 0, false
	}
	e := p.rare.relay
	if !e.flow.now {
		return 0, false
	}
	if to := e.to.ch; !to.out.done() { // a pipe is only worth it if all leaves at once
		to.send()
		if p.halt != 0 {
			return -1, false
		}
		if !to.out.done() {
			e.flow.since = p.loop.now
			e.hold(heldPipe)
			return -1, false
		}
	}
	if e.tap != nil && e.tap.full(e) {
		e.hold(heldTap)
		return -1, false
	}
	return min(e.flow.piece, e.relay.options.Pipe), e.tap != nil && e.tap.takes()
}

// NoSplice says that the connections of a relay cannot be spliced after all.
func (p *Port) NoSplice() {
	if p.ended&relayed != 0 {
		for i := range p.rare.relay.relay.ends {
			f := &p.rare.relay.relay.ends[i].flow
			f.able, f.now = false, false
		}
	}
}

// Spliced delivers n bytes of input that were moved into a pipe, and a pipe with a copy of them, nil if there is none. It
// consumes both, and sends what the system takes of them.
func (p *Port) Spliced(in Pipe, n int, copied Pipe) {
	e := p.rare.relay
	ch, to, l := e.ch, e.to.ch, e.ch.loop
	if ch.state != opened {
		in.Release()
		if copied != nil {
			copied.Release()
		}
		return
	}
	l.current = ch
	e.relay.moved()
	e.stats.Spliced += int64(n)
	l.relay.Spliced += int64(n)
	to.out.pushPipe(&e.entry, in, n)
	if e.tap != nil {
		e.tapPipe(copied, n)
	}
	to.send()
	e.flow.spliced(n, e.relay.options.Pipe)
	if !to.out.done() {
		e.flow.since = l.now
		e.hold(heldPipe)
	}
	l.leave()
}
