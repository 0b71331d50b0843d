package websocket

import (
	"slices"
	"time"

	"github.com/ropewalk/ropewalk/channel"
)

// A sweeper looks after the timeouts of a loop's connections, some at a time: a timer for each of them would cost an idle
// connection a sixth more. A loop has no timers but those of its channels, so it runs on that of one connection, the host,
// and moves to another when the host is gone.
type sweeper struct {
	conns []*conn
	next  int // the first one of the next part
	every time.Duration
	host  *conn
	timer *channel.Timer
}

const (
	sweepEvery = time.Second           // at most: how often a part is looked at
	sweepLeast = 10 * time.Millisecond // at least
	sweepParts = 4                     // how many parts there are, if each has
	sweepPart  = 64                    // connections at least
)

// add looks after s from now on.
func (w *sweeper) add(s *conn) {
	w.conns = append(w.conns, s)
	s.place = uint32(len(w.conns))
	switch {
	case w.host == nil:
		w.every = s.set.precision
		w.move()
	case s.set.precision < w.every:
		w.every = s.set.precision
		w.timer.Reset(w.every)
	}
}

// remove does so no more.
func (w *sweeper) remove(s *conn) {
	if s.place == 0 {
		return
	}
	i, last := int(s.place-1), len(w.conns)-1
	w.conns[i] = w.conns[last]
	w.conns[i].place = uint32(i + 1)
	w.conns[last] = nil
	w.conns = w.conns[:last]
	s.place = 0
	if cap(w.conns) > 4*last+sweepPart {
		w.conns = slices.Clip(slices.Clone(w.conns))
	}
	if w.host == s {
		w.timer.Stop()
		w.host, w.timer = nil, nil
		w.move()
	}
}

// move finds a host.
func (w *sweeper) move() {
	if len(w.conns) > 0 {
		w.host = w.conns[0]
		w.timer = w.host.Channel().AfterFunc(w.every, w.sweep)
	}
}

// sweep looks at the next part. What is due is done by a timer of the connection that it is due for, so that no other one suffers
// if that fails.
func (w *sweeper) sweep() {
	now := w.host.now()
	for range min(max(len(w.conns)/sweepParts+1, sweepPart), len(w.conns)) {
		if w.next >= len(w.conns) {
			w.next = 0
		}
		s := w.conns[w.next]
		w.next++
		if s.due(now) != nothing {
			var t *channel.Timer
			t = s.Channel().AfterFunc(1, func() {
				t.Stop()
				s.tick()
			})
		}
	}
	w.timer.Reset(w.every)
}

// what is due for a connection.
type what uint8

const (
	nothing what = iota
	aPing
	theEnd // it is idle
	enough // of waiting for the end of a message
)

// due tells what is due for the connection.
func (s *conn) due(now uint32) what {
	set, silent := s.set, now-s.heard
	switch {
	case s.place == 0 || s.state&closeSent != 0:
	case set.idle > 0 && silent >= set.idle:
		return theEnd
	case set.message > 0 && s.kind != 0 && !s.streamed() && now-s.began >= set.message:
		return enough
	case set.ping > 0 && silent >= set.ping && s.state&pinged == 0:
		return aPing
	}
	return nothing
}

// tick does what is due.
func (s *conn) tick() {
	ch := s.Channel()
	if ch.Closing() {
		return
	}
	if ch.Halted() && ch.Writable() { // the application has paused: nothing can be heard
		s.heard = s.now()
		s.began = s.heard // nor can a message end
	}
	switch s.due(s.now()) {
	case theEnd:
		s.expire(GoingAway, ErrIdle)
	case enough:
		s.expire(PolicyViolation, ErrSlow)
	case aPing:
		s.state |= pinged
		if err := s.writeFrame(finBit|byte(Ping), s.Alloc(0)); err != nil {
			ch.Close(err)
		}
	}
}

// expire ends a connection that has waited long enough.
func (s *conn) expire(code Code, err error) {
	if cerr := s.writeClose(code, ""); cerr != nil {
		s.Channel().Abort(err)
		return
	}
	s.Channel().Close(err)
}

// startCloseTimer bounds the close handshake.
func (s *conn) startCloseTimer() {
	x := s.extras()
	switch {
	case s.set.close <= 0:
	case x.closing == nil:
		x.closing = s.Channel().AfterFunc(s.set.close, s.closeTimeout)
	default:
		x.closing.Reset(s.set.close)
	}
}

// closeTimeout ends a connection whose close handshake takes too long.
func (s *conn) closeTimeout() {
	err := s.closeCause()
	if err == nil && s.state&closeRead == 0 {
		err = ErrCloseTimeout
	}
	s.Channel().Close(err)
}
