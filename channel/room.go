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
func (p *Port) Room() []byte { return p.RoomFor(math.MaxInt) }

// RoomFor is Room for engines that know that n bytes, at least one, are all the input there is: while memory is short it
// takes no more than they need. The room may be larger or smaller.
func (p *Port) RoomFor(n int) []byte {
	l := p.loop
	if p.state != opened {
		return l.Scratch()
	}
	if l.memory.pool.Pressed() || l.memory.empty {
		return l.shortRoom(&p.Channel, n)
	}
	if p.ended >= oneStride {
		if room := l.wideRoom(&p.Channel); room != nil {
			return room
		}
	}
	room, err := l.cache.ReceiveRoom()
	if err != nil {
		l.starve(&p.Channel)
		return nil
	}
	l.memory.dropRoom() // of a channel that found nothing to read
	l.memory.asked = len(room)
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
		p.Received(l.fit(b))
	default:
		p.Received(l.cache.Received(n))
	}
	p.ReceivedEnd()
	if asked := p.loop.memory.asked; n == asked || p.ended >= oneStride {
		p.stretch(n, asked)
	}
}

// Streams
//
// A channel whose reads fill the room they get, and whose sink and peer keep up with them, gets twice as much each time, up to 1 MiB, in
// blocks of its own. A read then brings what would have been 16, and what it causes leaves in one write: with bytes that
// come as fast as the loop takes them that takes a third off the work that TCP has with them. A read that does not fill half of its room, or output
// that has to wait, ends it. As what was read may all be written back, and then wait, a read brings at most 16 times the high mark.
const (
	strideShift = 5
	oneStride   = ended(1) << strideShift // the upper bits of Channel.ended count doublings
	mostStrides = 4
	plainRoom   = 64 << 10
	wideMarks   = 16
)

// stretch changes how much the next read may bring, after one of n bytes into room for asked.
func (p *Port) stretch(n, asked int) {
	strides := p.ended >> strideShift
	switch {
	case p.state != opened || p.halt != 0 || !p.out.Empty() || n < asked/2:
		strides = 0
	case n == asked && strides < mostStrides:
		strides++
	}
	p.ended = p.ended&(oneStride-1) | strides<<strideShift
}

// wideRoom is Room for a stream, nil if it may not have more than others, or there is no block for it.
func (l *Loop) wideRoom(ch *Channel) []byte {
	n := min(plainRoom<<(ch.ended>>strideShift), wideMarks*min(ch.opts.Marks.High, plainRoom)) - buffer.DefaultHeadroom
	if n < plainRoom {
		return nil
	}
	b, err := l.cache.TryAlloc(n)
	if err != nil {
		return nil
	}
	l.memory.dropRoom()
	l.memory.room = b
	room := b.Tail(n)[:n]
	l.memory.asked = n
	return room
}

// fit returns input in a block that is not much larger: a sink may keep it.
func (l *Loop) fit(b *buffer.Buf) *buffer.Buf {
	if n := b.Len(); n < l.memory.asked/4 {
		if small, err := l.cache.TryAlloc(n); err == nil {
			small.Commit(b.CopyAt(small.Tail(n), 0))
			b.Release()
			return small
		}
	}
	return b
}

// shortRoom is RoomFor while memory is short: as much as the channel may read, in a block of its own that is no larger. If there is
// no such block it is one that is smaller.
func (l *Loop) shortRoom(ch *Channel, have int) []byte {
	most := l.admit(ch)
	if most == 0 {
		return nil
	}
	most = min(most, have)
	m := &l.memory
	m.dropRoom()
	for n := min(most, mostRoom); ; n -= n / 6 { // by about one class of sizes
		b, err := l.cache.TryAlloc(n)
		if err == nil {
			m.room = b
			room := b.Tail(n)
			room = room[:min(len(room), most)]
			m.asked = len(room)
			return room
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
