package channel

import (
	"github.com/ropewalk/ropewalk/buffer"
)

// A Port is a Channel with the methods that its engine calls; engines embed it in their connection. All calls come from
// the loop.
//
//	Open, then any number of
//	    Room Input                 there is input, and perhaps room for it
//	    Received* ReceivedEnd      one burst of input that the engine had room for itself
//	    ReceivedEOF                the peer ended its stream
//	    Ready                      there is room for more output
//	    Fail                       the connection broke
//
// After any of them the channel may be closed: the engine then has got Backend.Close.
type Port struct {
	Channel
}

// Init prepares a channel for Open.
func (p *Port) Init(l *Loop, b Backend, s Sink, o *Options) {
	p.loop, p.backend, p.sink, p.opts = l, b, s, o
}

// Refuse frees what a channel has got while its sink was being made, if there is to be none. The engine then closes the
// connection itself.
func (p *Port) Refuse() {
	ch := &p.Channel
	ch.state = gone
	ch.stopTimers()
	ch.loop.freeSlot(ch)
}

// Open tells the sink about the channel and starts reading.
func (p *Port) Open() {
	ch := &p.Channel
	ch.state = opened
	l := ch.loop
	l.open++
	l.current = ch
	if err := ch.sink.Open(ch); err != nil {
		ch.Close(err)
	}
	ch.updateReading()
	ch.flush()
	l.leave()
}

// Received delivers input, and consumes b. Input of a closing channel is dropped.
func (p *Port) Received(b *buffer.Buf) {
	ch := &p.Channel
	if ch.state != opened {
		n := b.Len()
		b.Release()
		p.drop(n)
		return
	}
	l := ch.loop
	l.current = ch
	l.hand = buffer.HandOf(b)
	ch.lacks = 0
	if err := ch.sink.Read(b); err != nil {
		ch.Close(err)
	}
}

// Keep says that the sink has kept the input it was just given, and will release it at the latest in Closed. Without it,
// a loop that recovers from a panic in Sink.Read releases that input, unless the sink had passed it on.
func (ch *Channel) Keep() { ch.loop.hand = buffer.Hand{} }

// Hold is the opposite of Keep for those who call other code with a buffer that did not come from the engine just now: if
// that code panics, b is released as an input would be. It ends with the channel's present call, or Keep.
//
//bufvet:borrow b
func (ch *Channel) Hold(b *buffer.Buf) { ch.loop.hand = buffer.HandOf(b) }

// drop takes n bytes of input off a closing channel, so that the peer's end can be seen.
func (p *Port) drop(n int) {
	ch := &p.Channel
	ch.eaten += uint32(n)
	if ch.state == lingering && ch.eaten > lingerBytes {
		ch.flags |= flagAbort
		ch.finish()
	}
}

// ReceivedEnd says that the burst of input is over: what was written is sent.
func (p *Port) ReceivedEnd() {
	ch := &p.Channel
	ch.Keep() // a panic from here on is none of Read, which may have stored what it was given
	if ch.state == opened {
		if err := ch.sink.ReadDone(); err != nil {
			ch.Close(err)
		}
	}
	ch.flush()
	ch.loop.leave()
}

// ReceivedEOF says that the peer ended its stream. The engine must not report more input.
func (p *Port) ReceivedEOF() {
	ch := &p.Channel
	l := ch.loop
	l.current = ch
	ch.ended |= endedIn
	switch ch.state {
	case opened:
		ch.updateReading()
		if err := ch.sink.EOF(); err != nil {
			ch.Close(err)
		} else if !ch.opts.HalfOpen && ch.ended&stays == 0 || ch.ended&endedOut != 0 {
			ch.Close(nil)
		}
		ch.flush()
	case lingering:
		ch.finish()
	}
	l.leave()
}

// Ready says that the system takes more output.
func (p *Port) Ready() {
	ch := &p.Channel
	ch.loop.current = ch
	ch.send()
	ch.loop.leave()
}

// Fail says that the connection broke.
func (p *Port) Fail(err error) {
	ch := &p.Channel
	ch.loop.current = ch
	if ch.state == lingering {
		ch.finish() // everything was sent; how the peer leaves does not matter
	}
	ch.Abort(err)
	ch.loop.leave()
}

// Drain closes the channel because its server stops. The engine calls it when input is wanted or has ended, and everything
// that had been received is delivered: while the channel is halted the peer has requests under way whose replies it shall still
// get. A sink with a method Drain that returns true closes the channel itself.
func (p *Port) Drain() {
	ch := &p.Channel
	if ch.state != opened {
		return
	}
	ch.loop.current = ch
	if d, ok := ch.sink.(interface{ Drain() bool }); !ok || !d.Drain() {
		ch.Close(ErrShutdown)
	}
	ch.flush()
	ch.loop.leave()
}

// Ended tells whether the peer has ended its stream.
func (p *Port) Ended() bool { return p.ended&endedIn != 0 }

// Reading tells whether input is wanted.
func (p *Port) Reading() bool { return p.flags&flagReading != 0 }
