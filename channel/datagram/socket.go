package datagram

import (
	"net/netip"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// A Socket sends and receives packets. It belongs to its loop: all methods must be called there, but Shown. Other goroutines
// use Remote.
type Socket struct {
	port    channel.Port
	sink    Sink
	backend Backend
	opts    *Options
	peer    netip.AddrPort // of a connected socket
	out     Outbound
	in      *Packet // what is being delivered; its data is passed beside it
	inbox   inbox
	fails   []failure
	counts  Stats
	board   board
}

// Loop returns the socket's loop.
func (s *Socket) Loop() *channel.Loop { return s.port.Loop() }

// Alloc returns a buffer with room for n bytes from the loop's cache. It panics with buffer.ErrLimit when the pool is at its
// limit, which closes the socket unless it is recovered, as package pipeline/datagram does.
func (s *Socket) Alloc(n int) *buffer.Buf { return s.port.Alloc(n) }

// Cache returns the loop's cache.
func (s *Socket) Cache() *buffer.Cache { return s.port.Cache() }

// Local returns the address that the socket is bound to.
func (s *Socket) Local() netip.AddrPort { return s.backend.Local() }

// Peer returns the peer of a connected socket, and the zero value for others.
func (s *Socket) Peer() netip.AddrPort { return s.peer }

// Sink returns what receives the socket's events.
func (s *Socket) Sink() Sink { return s.sink }

// SetAttr stores a value of the application with the socket, in place of the one before.
func (s *Socket) SetAttr(v any) { s.port.SetAttr(v) }

// Attr returns what SetAttr has stored.
func (s *Socket) Attr() any { return s.port.Attr() }

// Halted tells whether no packets shall be delivered now: the socket is closing, its queue is above the high mark, or reading is
// paused.
func (s *Socket) Halted() bool { return s.port.Halted() }

// Closing tells whether the socket is closing or closed.
func (s *Socket) Closing() bool { return s.port.Closing() }

// Writable tells whether the queue is not above the high mark. Those who send more than they were asked for stop when it returns
// false and go on at Sink.Writable.
func (s *Socket) Writable() bool { return s.port.Writable() }

// Queued returns how many bytes and packets wait to be sent. An empty packet counts as a byte.
func (s *Socket) Queued() (bytes, packets int) { return s.port.Queued(), s.out.packets }

// SetReading pauses or resumes the delivery of packets. While it is paused they wait in the kernel, up to the size of the
// socket's buffer there, and are dropped beyond: see Stats.Overrun.
func (s *Socket) SetReading(on bool) { s.port.SetReading(on) }

// Yield has Sink.Writable called at the end of the loop's turn.
func (s *Socket) Yield() { s.port.Yield() }

// Flush sends what is queued now, as far as the system takes it, rather than when the burst or turn ends.
func (s *Socket) Flush() { s.port.Flush() }

// Close ends the socket in order: nothing more is delivered, what is queued is sent, and Sink.Closed is told cause. A nil cause is a
// normal end. If the socket is closing already, nothing happens.
func (s *Socket) Close(cause error) { s.port.Close(cause) }

// Abort ends the socket at once, and drops what is queued.
func (s *Socket) Abort(cause error) { s.port.Abort(cause) }

// Cause returns why the socket was closed, nil if it was not, or for a normal end.
func (s *Socket) Cause() error { return s.port.Cause() }

// AfterFunc returns a timer that calls f once, after d, as channel.Channel.AfterFunc does.
func (s *Socket) AfterFunc(d time.Duration, f func()) *channel.Timer { return s.port.AfterFunc(d, f) }

// Join makes the socket a member of a multicast group. It receives the group's packets that are for its port.
func (s *Socket) Join(m Membership) error {
	if s.Closing() {
		return channel.ErrClosed
	}
	return s.backend.Join(m)
}

// Leave ends what Join began with an equal argument.
func (s *Socket) Leave(m Membership) error {
	if s.Closing() {
		return channel.ErrClosed
	}
	return s.backend.Leave(m)
}

// Keep says that the sink has kept the data that it was just given, and will release it at the latest in Closed. Without it, a
// loop that recovers from a panic in Sink.Receive releases them, unless they were passed on.
func (s *Socket) Keep() { s.port.Keep() }

// Reject counts a packet that was received and is of no use.
func (s *Socket) Reject() { s.counts.Rejected++ }

// Stats returns the socket's counts.
func (s *Socket) Stats() Stats {
	n := s.counts
	n.Overrun = s.backend.Overrun()
	return n
}

// Shown returns the counts as of the last burst. Any goroutine may call it.
func (s *Socket) Shown() Stats {
	n := s.board.read()
	n.Overrun = s.backend.Overrun()
	return n
}
