package datagram

import (
	"net/netip"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// A Remote is a socket as seen from other goroutines: a small comparable value, safe for concurrent use, that does not keep
// the socket alive and stays safe to use when it is gone. Calls are run in the order in which one goroutine makes them. The
// zero Remote refers to no socket; its calls fail with channel.ErrClosed.
type Remote struct {
	r channel.Remote
}

// Remote returns the value through which other goroutines reach the socket. It must be called on the loop, before the socket is
// closed; afterwards it returns the zero Remote.
func (s *Socket) Remote() Remote { return Remote{s.port.Remote()} }

// Do runs f on the socket's loop, exactly once: with the socket, or with nil and an error, as channel.Remote.Do does.
func (r Remote) Do(f func(*Socket, error)) {
	r.r.Do(func(ch *channel.Channel, err error) {
		if err != nil {
			f(nil, err)
			return
		}
		f(socketOf(ch), nil)
	})
}

// Send has Socket.Send called on the loop, and consumes the packet's data. It does not wait for that; the error is ErrClosed or
// ErrRemoteFull of package channel. What Socket.Send returns is lost: those who must know use Do.
func (r Remote) Send(p Packet) error {
	b := p.Data
	p.Data = b.Split(b.Len()) // in a handle of its own, see channel.Remote.Write
	b.Release()
	return r.r.DoWith(p.Data, func(ch *channel.Channel, err error) {
		if err != nil {
			p.Data.Release()
			return
		}
		socketOf(ch).Send(p)
	})
}

// Write has Socket.Write called on the loop, as Send does.
func (r Remote) Write(b *buffer.Buf) error { return r.Send(Packet{Data: b}) }

// WriteTo has Socket.WriteTo called on the loop, as Send does.
func (r Remote) WriteTo(b *buffer.Buf, to netip.AddrPort) error {
	return r.Send(Packet{Data: b, Address: Address{Peer: to}})
}

// Close closes the socket as Socket.Close does.
func (r Remote) Close(cause error) error { return r.r.Close(cause) }
