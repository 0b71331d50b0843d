package datagram

import (
	"net"
	"net/netip"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// above is a Socket as the sink of its channel.
type above Socket

var _ channel.Sink = (*above)(nil)

// socketOf returns the socket that a channel is under.
func socketOf(ch *channel.Channel) *Socket { return (*Socket)(ch.Sink().(*above)) }

func (a *above) Open(*channel.Channel) error { return a.sink.Open((*Socket)(a)) }

func (a *above) Read(b *buffer.Buf) error {
	return a.sink.Receive(Packet{b, a.in.Address, a.in.TOS})
}

func (a *above) ReadDone() error { return a.sink.ReceiveDone() }

// EOF is for streams.
func (a *above) EOF() error { return nil }

// Writable tells of what had to wait for the end of the turn: failures, packets that came while none were wanted, and that
// the queue has drained.
func (a *above) Writable() error {
	if err := a.tell(); err != nil {
		return err
	}
	if !a.inbox.empty() {
		if err := a.catchUp(); err != nil {
			return err
		}
	}
	return a.sink.Writable()
}

// catchUp delivers packets of a burst that the sink did not want to its end.
func (a *above) catchUp() error {
	done := false
	for !a.inbox.empty() && !a.port.Halted() {
		p := a.inbox.pop()
		a.port.Hold(p.Data)
		err := a.sink.Receive(*p)
		a.port.Keep()
		if err != nil {
			return err
		}
		done = true
	}
	a.inbox.rest(a.port.Loop())
	if !done {
		return nil
	}
	return a.sink.ReceiveDone()
}

func (a *above) Drain() bool {
	d, ok := a.sink.(interface{ Drain() bool })
	return ok && d.Drain()
}

func (a *above) Closed(cause error) { a.sink.Closed(cause) }

// below is a Socket as the backend of its channel.
type below Socket

var _ channel.Backend = (*below)(nil)

func (b *below) SetReading(on bool) { b.backend.SetReading(on) }

func (b *below) HasInput(int) bool { return b.backend.HasInput() }

func (b *below) Flush(q *channel.Outbound) error {
	b.out.bytes = q
	err := b.backend.Flush(&b.out)
	b.out.bytes = nil
	b.board.show(&b.counts)
	return err
}

// CloseWrite is for streams.
func (b *below) CloseWrite() error { return nil }

func (b *below) Close(bool) {
	b.counts.Lost += uint64(b.out.packets)
	b.out.clear()
	for !b.inbox.empty() {
		b.inbox.pop().Data.Release()
	}
	b.inbox.rest(b.port.Loop())
	b.fails = nil
	b.board.show(&b.counts)
	b.backend.Close()
}

func (b *below) LocalAddr() net.Addr { return netAddr(b.backend.Local()) }

func (b *below) RemoteAddr() net.Addr { return netAddr(b.peer) }

func netAddr(a netip.AddrPort) net.Addr {
	if !a.IsValid() {
		return nil
	}
	return net.UDPAddrFromAddrPort(a)
}
