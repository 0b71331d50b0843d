package mem

import (
	"io"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
)

// The sides of a link.
const (
	dialing   = 0
	accepting = 1
)

// A link is a connection: two streams, and what is known of the side at the end of each.
//
//	side 0, dialing   ── streams[1] ──►   side 1, accepting
//	                  ◄── streams[0] ──
//
// The lock is held for no longer than a copy takes, and only the locks of a loop's ready list are taken under it.
type link struct {
	latency time.Duration
	clock   func() time.Duration

	mu      sync.Mutex
	streams [2]stream // by the side that reads
	sides   [2]side
}

// A side is what the link knows of whoever is at its end.
type side struct {
	end     end      // nil until it was accepted
	addr    net.Addr // its own
	reading bool     // it takes input
	blocked bool     // it waits for room
	shut    bool     // it has ended its stream
	closed  bool
}

// An end is told what happens at its side, under the lock of the link.
type end interface {
	// input says that at this time there is something to read, or a reset.
	input(at time.Duration)
	// output says that there is room again.
	output()
}

// newLink makes a connection of which nobody has an end yet. ours and theirs are the buffers of the dialing and the
// accepting side.
func newLink(n *Network, from, to endpoint, ours, theirs buffers) *link {
	l := &link{latency: max(n.Latency, 0), clock: sinceEpoch}
	l.sides[dialing].addr, l.sides[accepting].addr = from.addr(), to.addr()
	l.streams[accepting].init(&n.chunks, n.sized(ours.send)+n.sized(theirs.receive))
	l.streams[dialing].init(&n.chunks, n.sized(theirs.send)+n.sized(ours.receive))
	return l
}

// epoch is what times are counted from.
var epoch = time.Now()

func sinceEpoch() time.Duration { return time.Since(epoch) }

// now returns the time. Where nothing is on its way for a while it is always the same.
func (l *link) now() time.Duration {
	if l.latency == 0 {
		return 0
	}
	return l.clock()
}

// attach puts an end to a side.
func (l *link) attach(me int, e end, reading bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sides[me].end, l.sides[me].reading = e, reading
	l.tell(me)
}

// tell tells a side of the next thing that it can see. The caller holds mu.
func (l *link) tell(me int) {
	s := &l.sides[me]
	if s.end == nil || s.closed {
		return
	}
	if at := l.streams[me].next(s.reading); at != never {
		s.end.input(at)
	}
}

// setReading starts or stops telling a side of input.
func (l *link) setReading(me int, on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sides[me].reading = on
	if on {
		l.tell(me)
	}
}

// again tells a side of what comes next, when it has been told of something and it was not that.
func (l *link) again(me int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tell(me)
}

// A look is what a side sees of its link.
type look struct {
	have   int  // bytes to read now
	ended  bool // the end of the stream is there, behind them
	broken bool // the other side has reset the connection
	roomy  bool // the side has waited for room, and there is
	more   bool // the other side has more, and waits for room
}

// look tells a side what there is.
func (l *link) look(me int) (k look) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	in := &l.streams[me]
	k.broken = in.broken(now)
	k.have, k.ended = in.there(now)
	k.roomy = l.sides[me].blocked && l.streams[1-me].roomy()
	k.more = l.sides[1-me].blocked
	return k
}

// read moves bytes that are there into p. If there are none it returns io.EOF at the end of the stream, ECONNRESET behind a
// reset, or nil, and when to look again.
func (l *link) read(me int, p []byte) (n int, next time.Duration, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	in := &l.streams[me]
	if in.broken(now) {
		l.lose(me)
		return 0, 0, syscall.ECONNRESET
	}
	if n = in.read(p, now); n > 0 {
		l.freed(1 - me)
		l.tell(me)
		return n, 0, nil
	}
	if _, ended := in.there(now); ended {
		return 0, 0, io.EOF
	}
	return 0, in.next(true), nil
}

// freed tells a side that waits for room if there is. The caller holds mu.
func (l *link) freed(me int) {
	s := &l.sides[me]
	if s.blocked && !s.closed && s.end != nil && l.streams[1-me].roomy() {
		s.end.output()
	}
}

// lose gives up what is under way to a side that has seen a reset. The caller holds mu.
func (l *link) lose(me int) {
	l.streams[me].drop()
	l.streams[1-me].drop()
}

// write sends pieces of bytes, as far as there is room, and returns how many. If that is not all, the side is told when there is
// room.
func (l *link) write(me int, pieces ...[]byte) (n int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	out := &l.streams[1-me]
	s := &l.sides[me]
	s.blocked = false
	if err := l.unsendable(me, now); err != nil {
		return 0, err
	}
	for _, p := range pieces {
		m := out.write(p, now+l.latency)
		n += m
		if m < len(p) {
			s.blocked = true
			break
		}
	}
	if n > 0 {
		l.sent(me, now)
	}
	return n, nil
}

// unsendable tells why a side cannot send, nil if it can. The caller holds mu.
func (l *link) unsendable(me int, now time.Duration) error {
	switch {
	case l.streams[me].broken(now):
		l.lose(me)
		return syscall.ECONNRESET
	case l.sides[me].shut:
		return syscall.EPIPE
	}
	return nil
}

// sent tells the other side of what was sent. The caller holds mu.
func (l *link) sent(me int, now time.Duration) {
	if l.streams[1-me].gone { // who is not there any more answers with a reset, RFC 9293 section 3.10.7.1
		l.breakOff(me, now+2*l.latency)
		return
	}
	l.tell(1 - me)
}

// space returns how many bytes a side could send now, and whether as buffers: between channels whose loops share a pool.
func (l *link) space(me int) (n int, passing bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	one, _ := l.sides[me].end.(*conn)
	two, _ := l.sides[1-me].end.(*conn)
	return l.streams[1-me].room(), one != nil && two != nil && one.loop().pool == two.loop().pool
}

// pass sends a buffer that there is room for, as it is, and consumes it.
func (l *link) pass(me int, b *buffer.Buf) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if err := l.unsendable(me, now); err != nil {
		b.Release()
		return err
	}
	l.streams[1-me].pass(b, now+l.latency)
	l.sent(me, now)
	return nil
}

// receive returns the next buffer that the other side has passed, nil if bytes, or nothing, come first.
func (l *link) receive(me int) *buffer.Buf {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if l.streams[me].broken(now) {
		return nil
	}
	b := l.streams[me].receive(now)
	if b != nil {
		l.freed(1 - me)
		l.tell(me)
	}
	return b
}

// block notes whether a side waits for room.
func (l *link) block(me int, on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sides[me].blocked = on
	if on {
		l.freed(me)
	}
}

// shutdown ends the stream of a side.
func (l *link) shutdown(me int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if l.streams[me].broken(now) {
		return syscall.ENOTCONN
	}
	l.endStream(me, now)
	return nil
}

// endStream is shutdown. The caller holds mu.
func (l *link) endStream(me int, now time.Duration) {
	s, out := &l.sides[me], &l.streams[1-me]
	if s.shut {
		return
	}
	s.shut, s.blocked = true, false
	out.fin = out.arrival(now + l.latency)
	l.tell(1 - me)
}

// breakOff has a side see a reset at a time. The caller holds mu.
func (l *link) breakOff(me int, at time.Duration) {
	in := &l.streams[me]
	if in.reset != never || in.gone {
		return
	}
	in.reset = in.arrival(at)
	l.tell(me)
}

// close ends a side: in order, or if abort is set, or if there is input that it has not read, by a reset (RFC 1122 section
// 4.2.2.13). What comes later is answered with a reset too.
func (l *link) close(me int, abort bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &l.sides[me]
	if s.closed {
		return
	}
	now := l.now()
	in := &l.streams[me]
	unread, _ := in.there(now)
	coming := in.size - unread
	switch {
	case in.broken(now): // the other side is gone already
	case abort || unread > 0:
		s.shut = true
		l.breakOff(1-me, now+l.latency)
	default:
		l.endStream(me, now)
		if coming > 0 {
			l.breakOff(1-me, in.latest+l.latency)
		}
	}
	s.closed, s.blocked = true, false
	in.gone = true
	in.drop()
}

// resetAt returns when a side will see a reset, never if none is on its way.
func (l *link) resetAt(me int) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.streams[me].reset
}
