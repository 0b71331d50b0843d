package datagram

import (
	"net/netip"

	"github.com/ropewalk/ropewalk/channel"
)

// A Port is a Socket with the methods that its engine calls; engines embed it in what has the descriptor. All calls come from
// the loop.
//
//	Open, then any number of
//	    Room Received* ReceivedEnd   there is input, and perhaps room for it: one burst
//	    Failed                       the system reports an error that is about no packet of the queue
//	    Ready                        there is room for more output
//	    Fail                         the socket is of no use any more
//
// After any of them the socket may be closed: the engine then has got Backend.Close.
type Port struct {
	Socket
}

// Init prepares a socket for Open. peer is that of a connected one.
func (p *Port) Init(l *channel.Loop, b Backend, sink Sink, peer netip.AddrPort, o *Options) {
	s := &p.Socket
	s.sink, s.backend, s.opts, s.peer = sink, b, o, peer
	s.out.spare, s.out.socket = spares.Of(l), s
	s.port.Init(l, (*below)(s), (*above)(s), o.inner)
}

// Refuse frees what a socket has got while its sink was being made, if there is to be none.
func (p *Port) Refuse() { p.port.Refuse() }

// Open tells the sink about the socket and starts reading.
func (p *Port) Open() { p.port.Open() }

// Room returns memory for the next packets of the socket, or nil if there is none for it now: then reading is paused, and goes on
// by itself. While memory is short the room is smaller than 16 KiB, and good for Input only. The engine calls it when there is
// input, or may be, and goes on with Received or nothing; what it makes of the room it takes from the loop's cache, with Cache.Received,
// before the first call of Received. It is valid until the next call of a method.
func (p *Port) Room() []byte { return p.port.Room() }

// Input delivers the first n bytes of Room, perhaps none, as the only packet of a burst. It is for the small room that there is while
// memory is short.
func (p *Port) Input(n int, a Address, tos uint8) {
	s := &p.Socket
	s.counts.Received++
	s.counts.ReceivedBytes += uint64(n)
	s.in = &Packet{Address: a, TOS: tos}
	s.port.Input(n)
	s.board.show(&s.counts)
}

// Received adds a packet to the burst, and consumes its data.
func (p *Port) Received(pk Packet) {
	s := &p.Socket
	s.counts.Received++
	s.counts.ReceivedBytes += uint64(pk.Data.Len())
	s.inbox.push(&pk, s.port.Loop())
}

// ReceivedEnd delivers the burst, and sends what was written meanwhile. Packets that the sink does not want now are kept until it does.
func (p *Port) ReceivedEnd() {
	s := &p.Socket
	for !s.inbox.empty() && (!s.port.Halted() || s.port.Closing()) {
		s.in = s.inbox.pop()
		s.port.Received(s.in.Data) // which drops it if the socket is closing
	}
	s.in = nil
	s.inbox.rest(s.port.Loop())
	s.port.ReceivedEnd()
	s.board.show(&s.counts)
}

// Failed tells the sink, at the end of the turn, of an error that the system has reported.
func (p *Port) Failed(err error) {
	p.counts.Errors++
	p.failed(p.peer, err)
}

// DropTruncated and DropNoMemory count a packet that came and is not delivered, see Stats.
func (p *Port) DropTruncated() { p.counts.Truncated++ }
func (p *Port) DropNoMemory()  { p.counts.NoMemory++ }

// Ready says that the system takes more output.
func (p *Port) Ready() { p.port.Ready() }

// Blocked says that the system takes no more output for now, and that it holds nothing of what is left in the queue: a short
// rest is copied out of the blocks that it came in. Engines call it at the end of Backend.Flush.
func (p *Port) Blocked() { p.port.Blocked() }

// Fail says that the socket broke.
func (p *Port) Fail(err error) { p.port.Fail(err) }

// Drain closes the socket because its server stops. The engine calls it when everything that had been received is delivered. A
// sink with a method Drain that returns true closes the socket itself.
func (p *Port) Drain() { p.port.Drain() }

// Reading tells whether input is wanted.
func (p *Port) Reading() bool { return p.port.Reading() }
