package channel

import (
	"time"

	"github.com/ropewalk/ropewalk/buffer"
)

// Reading when memory is short
//
// While the pool is pressed (buffer.Pool.Pressed) a channel that has input and asks for room to read it stops reading and waits
// in a list of the loop. Channels without input do not notice. When the pressure is over those in the lists read on, a few
// at first, then more, since each of them looks at the pool again before it reads.
//
// Waiting must not be for ever: what fills the pool may be the first halves of messages whose second halves nobody reads. So one
// channel of each loop has the turn, and reads although the pool is pressed. That shall make memory free, and not only use up the
// rest of it:
//
//   - A channel that lacks the end of a message (Channel.Lacks) reads just that end, into a block of that size.
//   - When memory is tight (Loop.tight) the turn goes to one for which that end has come. If there is none for a while it
//     goes to another one, which then keeps it until its message is complete, or for long.
//   - At the limit the one whose turn it is tries again every lookEvery.
type memory struct {
	pool    *buffer.Pool
	begun   waitlist      // channels that lack the end of a message
	fresh   waitlist      // the others that wait
	turn    *Channel      // reads although the pool is pressed, nil if nobody does; in no list
	since   time.Duration // when the latest turn began
	read    bool          // it has read in its turn
	heard   bool          // it has read since the last look
	busy    bool          // it had at the last look
	other   bool          // the next turn is that of a fresh one, if memory is not tight
	empty   bool          // the pool was at its limit a moment ago, which counts as pressure
	retry   time.Duration // when to try again after that
	batch   int           // how many read on at the next look, if the pressure is over
	scarce  time.Duration // until when memory is taken to be tight, without another look
	scan    time.Duration // when to look for one whose message is complete, after a look in vain
	long    time.Duration // how long a turn is when memory is tight
	pauses  uint64
	room    *buffer.Buf // that Room has returned, if it was not the block that all channels read into
	asked   int         // length of what Room has returned
	scratch []byte
}

const (
	lookEvery  = 10 * time.Millisecond
	maxBatch   = 64
	longTurn   = 100 * time.Millisecond // doubled with each that was not enough, up to ...
	maxTurn    = 3200 * time.Millisecond
	scratchLen = 16 << 10
)

// attend lets channels that wait read on. It is called once a turn while there are any.
func (l *Loop) attend() {
	m := &l.memory
	m.dropRoom()
	m.busy, m.heard = m.heard, false
	m.empty = m.empty && l.now < m.retry+longTurn
	switch {
	case !m.waits():
	case !m.short():
		m.endTurn()
		m.long = longTurn
		m.resume()
	case m.turn == nil:
		l.nextTurn()
	case l.turnIsOver():
		m.endTurn()
		l.nextTurn()
	case m.turn.flags&flagWaiting != 0 && l.now >= m.retry:
		m.turn.readOn()
	}
}

// short tells whether memory is short.
func (m *memory) short() bool { return m.pool.Pressed() || m.empty }

// resume lets some channels ask for room again, because memory is not short any more.
func (m *memory) resume() {
	for range m.batch {
		ch := m.begun.pop()
		if ch == nil {
			ch = m.fresh.pop()
		}
		if ch == nil {
			return
		}
		ch.readOn()
	}
	m.batch = min(2*m.batch, maxBatch)
}

// readOn undoes pause, and tells whether the channel reads now. If it does not it is halted, and asks again when it is not.
func (ch *Channel) readOn() bool {
	ch.flags &^= flagWaiting
	ch.updateReading()
	return ch.state == opened && ch.flags&flagReading != 0
}

// pause stops reading of a channel that waits.
func (l *Loop) pause(ch *Channel) {
	l.memory.pauses++
	l.memory.batch = 1
	ch.flags |= flagWaiting
	ch.updateReading()
}

// wait puts a channel in the list that it belongs to.
func (m *memory) wait(ch *Channel) {
	if ch.lacks != 0 {
		m.begun.push(ch)
	} else {
		m.fresh.push(ch)
	}
}

// waits tells whether a channel waits for memory.
func (m *memory) waits() bool {
	return !m.begun.empty() || !m.fresh.empty() || m.turn != nil && m.turn.flags&flagWaiting != 0
}

// patience shortens a wait, negative for ever, to the time of the next look.
func (m *memory) patience(d time.Duration) time.Duration {
	switch {
	case !m.waits():
		return d
	case m.busy || !m.short():
		return 0
	case d < 0:
		return lookEvery
	}
	return min(d, lookEvery)
}

// forget takes a channel out that is gone.
func (m *memory) forget(ch *Channel) {
	switch {
	case m.turn == ch:
		m.turn = nil
	case ch.flags&flagWaiting != 0:
		m.begun.closed()
		m.fresh.closed()
	}
}

// Pauses returns how often a channel of the loop has stopped reading because memory was short. It belongs to the loop.
func (l *Loop) Pauses() uint64 { return l.memory.pauses }
