package channel

// send gives the queue to the backend and takes the channel to its next state when that empties it.
func (ch *Channel) send() {
	if ch.state == closed || ch.state == gone {
		return
	}
	var before int64
	if ch.ended&relayed != 0 {
		before = ch.out.rest()
	}
	if !ch.out.done() {
		if err := ch.give(); err != nil {
			ch.Abort(err)
			return
		}
	}
	if ch.out.Empty() {
		ch.flags &^= flagCompact
	}
	if ch.flags&flagFull != 0 && ch.out.weight <= ch.opts.Marks.Low {
		ch.flags &^= flagFull
		ch.halt &^= haltFull
		ch.resumable()
	}
	if ch.ended&relayed != 0 {
		ch.rare.relay.sent(ch.out.rest() < before)
	}
	if ch.out.done() && (ch.state == closing || ch.flags&flagEndOut != 0) {
		ch.drained()
	} else if ch.state == closing {
		ch.armLinger()
	}
}

// flush is send at the end of a burst or turn.
func (ch *Channel) flush() {
	if !ch.out.done() || ch.state == closing {
		ch.send()
	}
}

// drained goes on after the last byte was sent of a channel that is to close, or to end its stream.
func (ch *Channel) drained() {
	if ch.state == closing && ch.ended&endedIn != 0 {
		ch.finish() // closing the socket ends the stream
		return
	}
	if ch.ended&endedOut == 0 {
		ch.ended |= endedOut
		if err := ch.backend.CloseWrite(); err != nil {
			ch.Abort(err)
			return
		}
	}
	if ch.state != closing {
		if ch.ended&endedIn != 0 { // both directions have ended
			ch.Close(nil)
		}
		return
	}
	if ch.opts.Linger < 0 {
		ch.finish()
		return
	}
	ch.state = lingering
	ch.updateReading()
	ch.armLinger()
}

// resumed tells the sink that it may deliver again, then the backend.
func (ch *Channel) resumed() {
	ch.flags &^= flagResumed
	if ch.halt&haltClosed != 0 {
		return
	}
	ch.lacks = 0
	if err := ch.sink.Writable(); err != nil {
		ch.Close(err)
	}
	ch.updateReading()
}
