package channel

import (
	"math"

	"github.com/ropewalk/ropewalk/buffer"
)

const (
	firstRead = 1<<10 - buffer.DefaultHeadroom // of a message of which nothing is known
	mostRoom  = 32<<10 - buffer.DefaultHeadroom
	leastRoom = 256
)

// Room returns memory for the next read of the channel, or nil if there is none for it now: then reading is paused, and
// goes on by itself when it is the channel's turn. The engine calls it when there is input, or may be. With room it goes on with
// Input, ReceivedEOF, Fail or nothing. Without, it looks whether the peer has ended its stream or is gone, which needs
// no memory, and calls nothing or ReceivedEOF or Fail. The room is valid until the next call of a method.
func (p *Port) Room() []byte {
	l := p.loop
	if p.state != opened {
		return l.Scratch()
	}
	if l.memory.pool.Pressed() || l.memory.empty {
		return l.shortRoom(&p.Channel)
	}
	room, err := l.cache.ReceiveRoom()
	if err != nil {
		l.starve(&p.Channel)
		return nil
	}
	return room
}

// Input delivers the first n bytes of Room, as a burst.
func (p *Port) Input(n int) {
	switch l := p.loop; {
	case p.state != opened:
		p.drop(n)
	case l.memory.room != nil:
		b := l.memory.room
		l.memory.room = nil
		b.Commit(n)
		p.Received(b)
	default:
		p.Received(l.cache.Received(n))
	}
	p.ReceivedEnd()
}

// shortRoom is Room while memory is short: as much as the channel may read, in a block of its own that is no larger. If there is
// no such block it is one that is smaller.
func (l *Loop) shortRoom(ch *Channel) []byte {
	most := l.admit(ch)
	if most == 0 {
		return nil
	}
	m := &l.memory
	m.dropRoom()
	for n := min(most, mostRoom); ; n -= n / 6 { // by about one class of sizes
		b, err := l.cache.TryAlloc(n)
		if err == nil {
			m.room = b
			room := b.Tail(n)
			return room[:min(len(room), most)]
		}
		if n <= leastRoom {
			l.starve(ch)
			return nil
		}
	}
}

// dropRoom releases room that was not used.
func (m *memory) dropRoom() {
	if m.room != nil {
		m.room.Release()
		m.room = nil
	}
}

// Lacks says that the sink keeps the beginning of a message to which at least n bytes are missing. It holds until there is more
// input, and matters when memory is short: those who could give some back by the end of their message are read from first. Decoders
// call it when they return from Read or Writable.
func (ch *Channel) Lacks(n int) { ch.lacks = uint32(min(uint64(n), math.MaxUint32)) }

// admit returns how much a channel may read while memory is short: nothing, and it waits, unless it has the turn.
func (l *Loop) admit(ch *Channel) (most int) {
	m := &l.memory
	switch {
	case m.turn == ch:
	case m.turn == nil && !m.waits():
		l.appoint(ch)
	default:
		m.wait(ch)
		l.pause(ch)
		return 0
	}
	m.read, m.heard = true, true
	if ch.lacks != 0 {
		return int(ch.lacks)
	}
	return firstRead
}

// starve makes a channel wait because the pool is at its limit. If it is its turn it stays so.
func (l *Loop) starve(ch *Channel) {
	m := &l.memory
	m.empty, m.retry = true, l.now+lookEvery
	if m.turn != ch {
		m.wait(ch)
	}
	l.pause(ch)
}

// Scratch returns 16 KiB of Go memory that all channels of the loop share: for engines that need room for bytes that do not stay,
// when the pool has none. It is valid until the next call of a method of a Port.
func (l *Loop) Scratch() []byte {
	if l.memory.scratch == nil {
		l.memory.scratch = make([]byte, scratchLen)
	}
	return l.memory.scratch
}
