//go:build linux

package uring

import (
	"cmp"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/transport/internal/socket"
)

// poller is the ring of a loop, and what the kernel works on there.
type poller struct {
	loop  *socket.Loop
	ring  *ring
	busy  bool // completions came in the last turn, so that more are likely to be there
	alone bool // there is one completion in this turn: nothing that it causes has company in a call

	wakes  int    // eventfd(2), which blocks: a request to read it waits
	woken  []byte // what the read goes to
	waking bool   // there is such a request

	slots   slots   // of connections
	ready   []*conn // may have input of which no event will tell, from readyAt on
	readyAt int
	sources []*source // listening sockets and watched descriptors, nil where there is none

	fault    func(cqe) cqe // changes completions, in tests
	pollOnly bool
	streak   uint16   // the first conn.need
	buffers  *buffers // nil as long as no connection receives into them
	starved  []*conn  // want to receive and found no buffer

	gather  gather
	stash   []cqe // completions that were taken out of the ring and not served yet, from stashAt on
	stashAt int
	closed  bool // the loop ends: nothing is armed any more
}

var _ socket.Poller = (*poller)(nil)

// open makes the poller of a loop.
func (t tuning) open(l *socket.Loop) (socket.Poller, error) {
	r, err := openRing(cmp.Or(t.requests, defaultRequests), cmp.Or(t.completions, defaultCompletions), t.mode)
	if err != nil {
		return nil, err
	}
	p := &poller{loop: l, ring: r, fault: t.fault, pollOnly: t.pollOnly || t.mode > 1, streak: cmp.Or(t.streak, firstStreak), woken: make([]byte, 8)}
	if p.wakes, err = unix.Eventfd(0, unix.EFD_CLOEXEC); err != nil {
		r.close()
		return nil, os.NewSyscallError("eventfd", err)
	}
	p.armWake()
	return p, nil
}

// An event says which request has completed, in the lowest byte of its tag.
type event uint8

const (
	evNone event = iota // nobody waits for it
	evWake
	evSource // a watched descriptor is ready, or a connection was accepted
	evRoom   // a watched descriptor takes output
	evEnd    // what was armed for a watched descriptor was cancelled
	evGone   // it is closed
	evPoll   // of connections, from here on: there is input
	evReceive
	evOut
	evSend
	evOutEnd
	evCancel
	evClose
)

// tag identifies a request: the event, and the number of the connection's slot or of the source. Numbers are used again only
// when no request has them any more.
func tag(e event, number uint32) uint64 { return uint64(e) | uint64(number)<<8 }

// request returns a new request, for which it makes room if there is none.
func (p *poller) request(op uint8, fd int32, t uint64) *sqe {
	p.reserve(1)
	e := p.ring.request()
	e.op, e.fd, e.userData = op, fd, t
	return e
}

// reserve makes room for some requests, which then leave in one call.
func (p *poller) reserve(n uint32) {
	for p.ring.room() < n {
		p.submit()
		if p.ring.room() < n { // nothing is taken, for want of memory, or as long as completions are not
			p.putAside()
			time.Sleep(nap)
		}
	}
}

// nap is how long the loop rests when the kernel has no memory for requests.
const nap = 100 * time.Microsecond

// errorNap is how long it rests when the ring does not work, which must not happen.
const errorNap = 100 * time.Millisecond

// putAside takes completions out of the ring, to be served in the next turn.
func (p *poller) putAside() {
	for limit := p.ring.arrived(); ; {
		c, ok := p.ring.next(limit)
		if !ok {
			return
		}
		p.stash = append(p.stash, c)
	}
}

// submit hands over what was written, in the middle of a turn.
func (p *poller) submit() {
	p.loop.Calls.Waits++
	p.check(p.ring.enter())
	p.gather.reuse(p.ring)
}

// check panics if a call says that the ring is not what we take it for.
func (p *poller) check(errno unix.Errno) {
	switch errno {
	case 0, unix.EINTR, unix.ETIME, unix.EAGAIN, unix.EBUSY: // the last two: not everything was submitted, or must be read first
	default:
		time.Sleep(errorNap) // the loop tries again, and logs each time
		panic(os.NewSyscallError("io_uring_enter", errno))
	}
}

// Busy implements socket.Poller.
func (p *poller) Busy() bool { return p.busy || len(p.ready)+len(p.stash) > 0 || p.ring.overflown() }

// Wait implements socket.Poller.
func (p *poller) Wait(d time.Duration) {
	if p.buffers != nil {
		p.feed()
	}
	var errno unix.Errno
	if d == 0 {
		errno = p.ring.enter()
	} else {
		errno = p.ring.enterWait(d)
	}
	p.check(errno)
	if errno == unix.EAGAIN && p.ring.arrived() == p.ring.head {
		time.Sleep(nap)
	}
	p.loop.Woke()
	limit := p.ring.arrived() // what comes later is of another turn, see channel.Loop.Turns
	p.gather.reuse(p.ring)
	p.serveReady()
	p.busy = false
	for p.stashAt < len(p.stash) {
		p.stashAt++ // before the call, which may panic
		p.serve(p.stash[p.stashAt-1])
	}
	p.stash, p.stashAt = nil, 0
	p.alone = limit-p.ring.head == 1
	for {
		c, ok := p.ring.next(limit)
		if !ok {
			break
		}
		p.serve(c)
	}
	if p.alone { // the next call may as well wait
		p.alone, p.busy = false, false
	}
}

// serve handles a completion.
func (p *poller) serve(c cqe) {
	if p.fault != nil {
		c = p.fault(c)
	}
	e, number := event(c.userData), uint32(c.userData>>8)
	if e >= evPoll {
		p.slots.at(number).serve(e, c)
		return
	}
	switch e {
	case evWake:
		p.waking, p.busy = false, true
		if !p.closed {
			p.armWake()
		}
	case evSource, evRoom, evEnd, evGone:
		p.busy = true
		p.sources[number].serve(e, c)
	}
}

// armWake asks to be told when another goroutine wakes the loop.
func (p *poller) armWake() {
	e := p.request(opRead, int32(p.wakes), tag(evWake, 0))
	e.addr, e.len = uint64(uintptr(unsafe.Pointer(unsafe.SliceData(p.woken)))), 8
	p.waking = true
}

// Wake implements socket.Poller.
func (p *poller) Wake() {
	one := [8]byte{0: 1}
	for {
		if _, err := unix.Write(p.wakes, one[:]); err != unix.EINTR {
			return // EAGAIN: it is about to wake as it is
		}
	}
}

// Idle implements socket.Poller.
func (p *poller) Idle() bool {
	if !p.closed {
		p.closed = true
		p.cancel(tag(evWake, 0), tag(evNone, 0))
	}
	if p.waking {
		return false
	}
	if c, _ := p.slots.from(0); c != nil {
		return false
	}
	for _, s := range p.sources {
		if s != nil {
			return false
		}
	}
	return p.ring.taken()
}

// Close implements socket.Poller.
func (p *poller) Close() {
	if p.buffers != nil {
		p.buffers.close(p.ring)
	}
	unix.Close(p.wakes)
	p.ring.close()
}

// cancel ends the request with a tag.
func (p *poller) cancel(target, own uint64) {
	p.request(opCancel, -1, own).addr = target
}

// serveReady serves the connections that may have input of which no event will tell.
func (p *poller) serveReady() {
	for end := len(p.ready); p.readyAt < end; {
		c := p.ready[p.readyAt]
		p.ready[p.readyAt] = nil
		p.readyAt++ // before the call, which may panic
		c.again()
	}
	n := copy(p.ready, p.ready[p.readyAt:])
	clear(p.ready[n:])
	p.ready, p.readyAt = p.ready[:n], 0
}

// Next implements socket.Poller. The key of a connection is its slot.
func (p *poller) Next(from int) (*socket.Conn, int) {
	for c, n := p.slots.from(uint32(from)); c != nil; c, n = p.slots.from(n + 1) {
		if c.state&gone == 0 {
			return &c.Conn, int(n)
		}
	}
	return nil, 0
}
