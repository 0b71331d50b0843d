package mem

import (
	"math"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
)

// Times on a link are counted from epoch; those of a bubble lie before it. never is when something happens of which is not known
// that it will, always when something has happened already.
const (
	never  = time.Duration(math.MaxInt64)
	always = time.Duration(math.MinInt64)
)

// A stream is one direction of a connection: bytes in packets, each of which is there when its time has come, then perhaps an
// end. The lock of its link guards it.
type stream struct {
	bytes   bytesQueue
	packets packetQueue
	limit   int           // of size
	size    int           // bytes in packets
	latest  time.Duration // when the last thing that was sent is there
	fin     time.Duration // when the end is there, never if none was sent
	reset   time.Duration // when a reset is there, never if none was sent
	gone    bool          // the reader has closed: what is sent is lost, and answered with a reset
}

// maxPackets bounds the packets that are on their way in one direction, whatever their size.
const maxPackets = 1024

func (s *stream) init(home *chunkList, limit int) {
	s.bytes.home = home
	s.limit, s.latest, s.fin, s.reset = limit, always, never, never
}

// room returns how many bytes may be sent now.
func (s *stream) room() int {
	if s.packets.len() == maxPackets {
		return 0
	}
	return s.limit - s.size
}

// roomy tells whether a writer that has waited for room shall try again: as with sockets not for every byte.
func (s *stream) roomy() bool { return s.room() >= (s.limit+3)/4 }

// arrival returns when what is sent at a time is there: in order.
func (s *stream) arrival(at time.Duration) time.Duration {
	s.latest = max(s.latest, at)
	return s.latest
}

// write adds bytes that are there at a time, as many as there is room for, and returns their number.
func (s *stream) write(p []byte, at time.Duration) int {
	n := min(len(p), s.room())
	if n <= 0 {
		return 0
	}
	s.size += n
	if !s.gone {
		s.bytes.write(p[:n])
		s.packets.add(packet{n, s.arrival(at), nil})
	}
	return n
}

// pass adds a buffer that there is room for, and consumes it.
func (s *stream) pass(b *buffer.Buf, at time.Duration) {
	n := b.Len()
	s.size += n
	if s.gone {
		b.Release()
		return
	}
	s.packets.add(packet{n, s.arrival(at), b})
}

// receive removes the first buffer that is there, unless bytes come first, and returns it.
func (s *stream) receive(now time.Duration) *buffer.Buf {
	if s.packets.len() == 0 {
		return nil
	}
	p := &s.packets.list[s.packets.head]
	b := p.b
	if b == nil || p.at > now {
		return nil
	}
	p.b = nil
	s.packets.drop()
	s.size -= b.Len()
	return b
}

// read removes bytes that are there into p and returns their number.
func (s *stream) read(p []byte, now time.Duration) int {
	n := s.packets.take(&s.bytes, p, now)
	s.size -= n
	return n
}

// there returns how many bytes are there, and whether the end is there behind them.
func (s *stream) there(now time.Duration) (n int, ended bool) {
	return s.packets.due(now), s.fin <= now
}

// broken tells whether a reset is there.
func (s *stream) broken(now time.Duration) bool { return s.reset <= now }

// next returns when the next thing is there that a reader can see, or one that does not read: then only a reset.
func (s *stream) next(reading bool) time.Duration {
	at := s.reset
	if reading {
		if first, ok := s.packets.first(); ok {
			return min(at, first)
		}
		at = min(at, s.fin)
	}
	return at
}

// drop gives up all that is on its way. What its writer has sent goes on filling the room, as it does when nobody acknowledges
// it.
func (s *stream) drop() {
	s.bytes.clear()
	s.packets.clear()
}

// A packet is a number of bytes that are there at the same time.
type packet struct {
	n  int
	at time.Duration
	b  *buffer.Buf // that has them; nil if they are the next ones in the chunks
}

// A packetQueue is a FIFO of packets.
type packetQueue struct {
	list []packet
	head int
}

func (q *packetQueue) len() int { return len(q.list) - q.head }

// first returns when the first packet is there.
func (q *packetQueue) first() (time.Duration, bool) {
	if q.head == len(q.list) {
		return 0, false
	}
	return q.list[q.head].at, true
}

// add puts a packet at the end; bytes with those before if they are there at the same time.
func (q *packetQueue) add(p packet) {
	if last := len(q.list) - 1; last >= q.head && q.list[last].at == p.at && q.list[last].b == nil && p.b == nil {
		q.list[last].n += p.n
		return
	}
	if q.head == len(q.list) {
		q.list, q.head = q.list[:0], 0
	} else if q.head > 16 && q.head >= len(q.list)/2 {
		n := copy(q.list, q.list[q.head:])
		clear(q.list[n:])
		q.list, q.head = q.list[:n], 0
	}
	q.list = append(q.list, p)
}

// due returns how many bytes are there.
func (q *packetQueue) due(now time.Duration) int {
	n := 0
	for _, p := range q.list[q.head:] {
		if p.at > now {
			break
		}
		n += p.n
	}
	return n
}

// take moves bytes that are there into to, and returns their number. from has those that are in no buffer.
func (q *packetQueue) take(from *bytesQueue, to []byte, now time.Duration) int {
	n := 0
	for n < len(to) && q.head < len(q.list) && q.list[q.head].at <= now {
		p := &q.list[q.head]
		m := min(p.n, len(to)-n)
		if p.b == nil {
			from.read(to[n : n+m])
		} else {
			p.b.CopyAt(to[n:n+m], 0)
			p.b.Discard(m)
		}
		p.n, n = p.n-m, n+m
		if p.n == 0 {
			q.drop()
		}
	}
	return n
}

// drop removes the first packet.
func (q *packetQueue) drop() {
	if p := &q.list[q.head]; p.b != nil {
		p.b.Release()
		p.b = nil
	}
	if q.head++; q.head == len(q.list) && cap(q.list) > 16 {
		*q = packetQueue{}
	}
}

// clear removes all packets.
func (q *packetQueue) clear() {
	for q.len() > 0 {
		q.drop()
	}
	*q = packetQueue{}
}
