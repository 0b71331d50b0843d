package channel

// Close ends the channel in order: no more input is delivered, what is queued is sent, the stream is ended, and the
// peer has Options.Linger to end its own. Sink.Closed is told cause when that is over. A nil cause is a normal end. If
// the channel is closing already, nothing happens.
func (ch *Channel) Close(cause error) {
	if ch.state != opened {
		return
	}
	ch.state = closing
	ch.begin(cause)
	ch.halt |= haltClosed
	ch.updateReading()
	ch.loop.list(ch)
	if ch.ended&relayed != 0 {
		ch.rare.relay.to.ch.Close(cause)
	}
}

// Abort ends the channel at once: what is queued is dropped, and the peer is told by a reset where there is such a thing.
// Sink.Closed is told cause before the loop's turn is over. Before Sink.Open, like Close, it does nothing.
func (ch *Channel) Abort(cause error) {
	if ch.state == fresh || ch.state == closed || ch.state == gone {
		return
	}
	first := ch.state < closing
	if first {
		ch.begin(cause)
	} else if ch.Cause() == nil && !ch.out.done() {
		ch.begin(cause) // a normal end it is not: the rest was not sent
	}
	ch.flags |= flagAbort
	ch.finish()
	if first && ch.ended&relayed != 0 {
		ch.rare.relay.to.ch.Abort(cause)
	}
}

// begin notes why the channel closes.
func (ch *Channel) begin(cause error) {
	ch.setCause(cause)
	if f := ch.opts.Closing; f != nil {
		f(ch, cause)
	}
}

// CloseWrite ends the outgoing stream after what is queued was sent; input is still delivered. When the peer has ended its side too, the
// channel closes.
func (ch *Channel) CloseWrite() {
	if ch.state != opened || ch.flags&flagEndOut != 0 {
		return
	}
	ch.flags |= flagEndOut
	ch.loop.list(ch)
}

// KeepOpen does for this channel what Options.HalfOpen does for all: when the peer has ended its stream the channel stays
// open for writing, until the sink closes it. A sink that owes its peer an answer calls it, in EOF at the latest.
func (ch *Channel) KeepOpen() { ch.ended |= stays }

// armLinger bounds the time that a closing channel takes to send the rest and to wait for its peer. Sending may go on as
// long as it makes progress; waiting starts anew when everything was sent.
func (ch *Channel) armLinger() {
	patience := ch.opts.Linger
	switch {
	case ch.state == closing:
		if patience = ch.opts.FlushTimeout; patience < 0 {
			return
		}
	case ch.Cause() == ErrShutdown: // a server that stops does not wait for those who have nothing to say
		patience = min(patience, shutdownLinger)
	}
	r := ch.rares()
	if r.linger == nil {
		rest := ch.out.rest()
		r.linger = &Timer{ch: ch, index: -1, e: expireFunc(func() {
			if ch.state == closing {
				if left := ch.out.rest(); left < rest {
					rest = left
					r.linger.Reset(patience)
					return
				}
				if ch.Cause() == nil {
					ch.begin(ErrFlushTimeout)
				}
				ch.flags |= flagAbort
			}
			ch.finish()
		})}
		r.linger.link(MaxTimers + 1)
	} else if ch.state == closing {
		return
	}
	r.linger.Reset(patience)
}

// finish makes the channel closed. The rest of the work is done by dispose, which must not run inside a call of the sink.
func (ch *Channel) finish() {
	ch.state = closed
	ch.halt |= haltClosed
	ch.loop.list(ch)
}

// dispose frees what a closed channel has and tells its sink.
func (ch *Channel) dispose() {
	ch.state = gone
	defer ch.disposed() // also when a Source panics in Release
	ch.out.clear()
}

func (ch *Channel) disposed() {
	ch.out.clear() // what is behind such a Source
	ch.dropDescriptors()
	ch.stopTimers()
	ch.loop.freeSlot(ch)
	ch.loop.memory.forget(ch)
	ch.backend.Close(ch.flags&flagAbort != 0)
	ch.loop.open--
	ch.sink.Closed(ch.Cause())
}
