package channel

import "time"

const (
	maxScan  = 64       // channels that are asked in one turn whether the end of their message has come
	foreseen = 32 << 10 // more than this is not waited for: the system may have no room for it
)

// nextTurn gives the turn to a channel that waits, if one shall have it.
func (l *Loop) nextTurn() {
	m := &l.memory
	if l.now < m.retry {
		return
	}
	tight := l.tight()
	if tight && l.now >= m.scan {
		l.scan()
	}
	if m.turn != nil || tight && l.now-m.since < m.long {
		return
	}
	for m.turn == nil && m.waits() {
		if m.begun.empty() || m.other && !m.fresh.empty() {
			l.appoint(m.fresh.pop())
			m.other = false
		} else {
			l.appoint(m.begun.pop())
			m.other = true
		}
	}
	if tight {
		m.long = min(2*m.long, maxTurn)
	}
}

// scan looks among those that lack the end of a message for one for which it has come.
func (l *Loop) scan() {
	m := &l.memory
	for range min(maxScan, m.begun.len()) {
		ch := m.begun.pop()
		if ch == nil {
			break
		}
		if ch.halt == 0 && !ch.backend.HasInput(int(min(ch.lacks, foreseen))) {
			m.begun.push(ch)
		} else if l.appoint(ch); m.turn != nil {
			return
		}
	}
	m.scan = l.now + lookEvery
}

// appoint gives the turn to a channel that was taken out of its list, unless it is nil, or does not read for another reason:
// then it will ask again.
func (l *Loop) appoint(ch *Channel) {
	m := &l.memory
	if ch != nil && ch.readOn() {
		m.turn, m.since, m.read = ch, l.now, false
	}
}

// endTurn takes the turn from the channel that has it. If that waits for memory it does so among the others from now on.
func (m *memory) endTurn() {
	if m.turn != nil && m.turn.flags&flagWaiting != 0 {
		m.wait(m.turn)
	}
	m.turn = nil
}

// turnIsOver tells whether the next channel may have the turn.
func (l *Loop) turnIsOver() bool {
	m := &l.memory
	had, reads := l.now-m.since, m.busy || !m.read
	switch {
	case m.turn.state != opened:
		return true
	case had < lookEvery && !m.read: // its event is on the way
		return false
	case l.tight():
		return m.turn.lacks == 0 || had >= m.long
	default:
		return !reads || had >= lookEvery
	}
}

// tight tells whether more than 13/16 of the memory are in use, or the limit was reached: of what is not in use not all is to
// be had, since free blocks of other sizes do not help.
func (l *Loop) tight() bool {
	m := &l.memory
	if l.now < m.scarce || m.empty {
		return true
	}
	s := m.pool.Stats()
	if s.Live+s.Cached > s.Limit-s.Limit/16*3 {
		m.scarce = l.now + time.Millisecond
		return true
	}
	m.long = longTurn
	return false
}
