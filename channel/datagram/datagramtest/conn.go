package datagramtest

import (
	"net/netip"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/channel/datagram"
)

// burst is how many packets are delivered at a time, as by recvmmsg(2).
const burst = 64

// A Conn is a socket and its other side.
type Conn struct {
	datagram.Port
	Wire *Script

	t     testing.TB
	loop  *channeltest.Loop
	watch *watch
	inbox []input
}

// input is a packet that the socket has not read.
type input struct {
	from datagram.Address
	data string
}

// Open opens a socket without a peer on a loop. The steps answer what it sends.
func Open(l *channeltest.Loop, t testing.TB, s datagram.Sink, o datagram.Options, steps ...Step) *Conn {
	t.Helper()
	return Dial(l, t, netip.AddrPort{}, s, o, steps...)
}

// Dial is Open for a socket that is connected to a peer.
func Dial(l *channeltest.Loop, t testing.TB, peer netip.AddrPort, s datagram.Sink, o datagram.Options, steps ...Step) *Conn {
	t.Helper()
	return DialWith(l, t, peer, func(*datagram.Socket) datagram.Sink { return s }, o, steps...)
}

// DialWith is Dial for a sink that is made from its socket, as an engine has it made. A zero peer is none.
func DialWith(l *channeltest.Loop, t testing.TB, peer netip.AddrPort, open func(*datagram.Socket) datagram.Sink, o datagram.Options, steps ...Step) *Conn {
	t.Helper()
	c := &Conn{Wire: &Script{t: t, steps: steps}, t: t, loop: l}
	c.Wire.blocked, c.Wire.has = c.Blocked, func() bool { return len(c.inbox) > 0 }
	options := o.Prepare()
	c.watch = &watch{t: t}
	c.Init(l.Loop, c.Wire, c.watch, peer, options)
	c.watch.Sink = open(&c.Socket)
	t.Cleanup(c.end)
	l.Protect(c.Port.Open)
	c.settle()
	return c
}

// Feed sends packets to the socket, which read them as one burst. While the socket does not read they wait, as they would in the kernel.
func (c *Conn) Feed(from netip.AddrPort, packets ...string) {
	c.t.Helper()
	c.FeedVia(datagram.To(from), packets...)
}

// FeedVia is Feed for packets that came by a certain interface, or to one of several addresses.
func (c *Conn) FeedVia(from datagram.Address, packets ...string) {
	c.t.Helper()
	for _, p := range packets {
		c.inbox = append(c.inbox, input{from, p})
	}
	c.settle()
}

// Unread returns how many packets wait for the socket to read them.
func (c *Conn) Unread() int { return len(c.inbox) }

// Stall makes the socket send nothing until Unstall.
func (c *Conn) Stall() { c.Wire.stalled = true }

// Unstall ends Stall, or EAGAIN.
func (c *Conn) Unstall() {
	c.t.Helper()
	c.Wire.stalled = false
	if !c.Wire.closed {
		c.loop.Protect(c.Ready)
	}
	c.settle()
}

// Do runs f as a call from another goroutine would be run.
func (c *Conn) Do(f func(*datagram.Socket)) {
	c.t.Helper()
	c.Remote().Do(func(s *datagram.Socket, err error) {
		if err != nil {
			c.t.Errorf("datagramtest: Do: %v", err)
			return
		}
		f(s)
	})
	c.settle()
}

// Told tells whether Sink.Closed was called, and with which cause.
func (c *Conn) Told() (cause error, closed bool) { return c.watch.cause, c.watch.closed > 0 }

// settle runs the loop until nothing is left to do.
func (c *Conn) settle() {
	c.t.Helper()
	c.loop.Settle()
	for len(c.inbox) > 0 && c.Wire.reading && !c.Wire.closed {
		c.loop.Protect(c.deliver)
		c.loop.Settle()
	}
}

// deliver is what an engine does when the socket is readable.
func (c *Conn) deliver() {
	room := c.Room()
	if room == nil {
		return
	}
	if first := c.inbox[0]; len(room) < burstRoom {
		c.inbox = c.inbox[1:]
		if len(first.data) > len(room) {
			c.DropNoMemory()
			return
		}
		c.Input(copy(room, first.data), first.from, 0)
		return
	}
	var packets []datagram.Packet
	for len(c.inbox) > 0 && len(packets) < burst {
		in := c.inbox[0]
		if len(in.data) > len(room) {
			break
		}
		var b *buffer.Buf
		if n := copy(room, in.data); n > 0 {
			room = room[n:]
			b = c.Cache().Received(n)
		} else {
			b = c.Alloc(0)
		}
		packets = append(packets, datagram.Packet{Data: b, Address: in.from})
		c.inbox = c.inbox[1:]
	}
	for _, p := range packets {
		c.Received(p)
	}
	c.ReceivedEnd()
}

// burstRoom is the least room for a burst, see datagram.Port.Room.
const burstRoom = 16 << 10

// end closes the socket and checks that nothing is left.
func (c *Conn) end() {
	if !c.Wire.closed {
		c.loop.Protect(func() { c.Abort(channeltest.ErrTestEnded) })
	}
	c.loop.Settle()
	if c.watch.closed != 1 || !c.Wire.closed {
		c.t.Errorf("datagramtest: Closed was told %d times, the backend closed: %v", c.watch.closed, c.Wire.closed)
	}
	if n := len(c.Wire.steps); n > 0 && !c.Wire.steps[0].always && !c.t.Failed() {
		c.t.Errorf("datagramtest: %d steps were not reached", n)
	}
}
