package datagramtest

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/datagram"
)

// Local is the address that a Script is bound to.
var Local = netip.MustParseAddrPort("192.0.2.1:1000")

// A Step is the answer of a Script to a try to send.
type Step struct {
	take   int
	lose   error
	fail   error
	always bool
}

// Take lets up to n packets of a call leave. If there are more, the next step answers at once.
func Take(n int) Step {
	if n <= 0 {
		panic(fmt.Sprintf("datagramtest: Take(%d)", n))
	}
	return Step{take: n}
}

// Again answers as EAGAIN does: nothing is taken until Conn.Unstall.
func Again() Step { return Step{} }

// Lose refuses the next packet with an error that concerns it alone.
func Lose(err error) Step { return Step{lose: err} }

// Fail breaks the socket.
func Fail(err error) Step { return Step{fail: err} }

// Always repeats a step for ever.
func Always(s Step) Step { s.always = true; return s }

// A Sent is a packet that has left.
type Sent struct {
	datagram.Address
	TOS  uint8
	Data string
}

func (s Sent) String() string { return fmt.Sprintf("%q to %v", s.Data, s.Peer) }

// A Script is a datagram.Backend that answers as its steps say, in their order; when they are used up it takes everything. It keeps
// a copy of what it was sent.
type Script struct {
	// Limits are what packets are asked for with. The zero value means 64 runs of one packet each.
	Limits datagram.Limits

	t       testing.TB
	steps   []Step
	stalled bool
	reading bool
	closed  bool
	discard bool
	total   int
	sent    []Sent
	groups  []datagram.Membership
	batch   datagram.Batch
	blocked func()
	has     func() bool
}

// Sent returns what has left, in order.
func (s *Script) Sent() []Sent { return slices.Clone(s.sent) }

// Total returns how many packets have left.
func (s *Script) Total() int { return s.total }

// Discard makes the script count what it is sent and keep none of it, for tests that measure.
func (s *Script) Discard() { s.discard = true }

// Closed tells whether Close was called.
func (s *Script) Closed() bool { return s.closed }

// Reading tells whether input is wanted.
func (s *Script) Reading() bool { return s.reading }

// Groups returns the memberships.
func (s *Script) Groups() []datagram.Membership { return slices.Clone(s.groups) }

// Flush implements datagram.Backend.
func (s *Script) Flush(o *datagram.Outbound) error {
	s.t.Helper()
	switch {
	case s.closed:
		s.t.Error("datagramtest: Flush after Close")
		return nil
	case o.Len() == 0:
		s.t.Error("datagramtest: Flush of an empty queue")
	}
	for !s.stalled && o.Len() > 0 {
		step := Step{take: o.Len()}
		if len(s.steps) > 0 {
			if step = s.steps[0]; !step.always {
				s.steps = s.steps[1:]
			}
		}
		switch {
		case step.fail != nil:
			return channel.NewOpError("send", step.fail)
		case step.lose != nil:
			o.Lost(step.lose)
		case step.take == 0:
			s.stalled = true
		default:
			s.take(o, step.take)
		}
	}
	if s.stalled && o.Len() > 0 {
		s.blocked()
	}
	return nil
}

// take is sendmmsg(2) for up to n packets. Of a run all leave, or none.
func (s *Script) take(o *datagram.Outbound, n int) {
	limits := s.Limits
	if limits == (datagram.Limits{}) {
		limits = datagram.Limits{Runs: 64, Segments: 1}
	}
	o.Next(&s.batch, limits)
	if len(s.batch.Runs) == 0 {
		s.t.Error("datagramtest: the queue is not empty and has nothing to send")
		s.stalled = true
	}
	packets := 0
	for i := range s.batch.Runs {
		run := &s.batch.Runs[i]
		if packets > 0 && packets+run.Packets > n {
			break
		}
		packets += run.Packets
		if !s.discard {
			s.keep(run)
		}
	}
	s.total += packets
	o.Sent(packets)
}

func (s *Script) keep(run *datagram.Run) {
	all := slices.Concat(run.Pieces...)
	if len(all) != run.Bytes || run.Packets > 1 && (run.Bytes > run.Packets*run.Size || run.Bytes <= (run.Packets-1)*run.Size) {
		s.t.Errorf("datagramtest: %d packets of %d bytes, %d bytes in all, of which there are %d", run.Packets, run.Size, run.Bytes, len(all))
		return
	}
	for range run.Packets {
		n := min(run.Size, len(all))
		s.sent = append(s.sent, Sent{run.Address, run.TOS, string(all[:n])})
		all = all[n:]
	}
}

// SetReading implements datagram.Backend.
func (s *Script) SetReading(on bool) {
	if s.closed || s.reading == on {
		s.t.Errorf("datagramtest: SetReading(%v) when it is so already, or after Close", on)
	}
	s.reading = on
}

// HasInput implements datagram.Backend.
func (s *Script) HasInput() bool { return s.has() }

// Join implements datagram.Backend.
func (s *Script) Join(m datagram.Membership) error {
	s.groups = append(s.groups, m)
	return nil
}

// Leave implements datagram.Backend.
func (s *Script) Leave(m datagram.Membership) error {
	s.groups = slices.DeleteFunc(s.groups, func(have datagram.Membership) bool { return have == m })
	return nil
}

// Overrun implements datagram.Backend.
func (s *Script) Overrun() uint64 { return 0 }

// Close implements datagram.Backend.
func (s *Script) Close() {
	if s.closed {
		s.t.Error("datagramtest: Close after Close")
	}
	s.closed = true
}

// Local implements datagram.Backend.
func (s *Script) Local() netip.AddrPort { return Local }

// Add appends steps.
func (s *Script) Add(steps ...Step) { s.steps = append(s.steps, steps...) }
