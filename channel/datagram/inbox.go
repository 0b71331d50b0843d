package datagram

import "github.com/ropewalk/ropewalk/channel"

// An inbox is the packets of a burst that were not delivered yet. The socket owns them from the start, so that the others are not
// lost if the code that is given one panics.
type inbox struct {
	packets []Packet
	next    int
}

// spareInbox is what the sockets of a loop use by turns, so that an idle one has none.
var spareInbox = channel.NewLocal(func(*channel.Loop) *[]Packet { return new([]Packet) })

func (in *inbox) empty() bool { return in.next == len(in.packets) }

func (in *inbox) push(p *Packet, l *channel.Loop) {
	if in.packets == nil {
		spare := spareInbox.Of(l)
		in.packets, *spare = (*spare)[:0], nil
	}
	in.packets = append(in.packets, *p)
}

// pop takes the first packet out: before the call that it is for, which may panic. It stays where it is until the next push.
func (in *inbox) pop() *Packet {
	p := &in.packets[in.next]
	in.next++
	return p
}

// rest gives the memory back if nothing is left.
func (in *inbox) rest(l *channel.Loop) {
	if in.packets != nil && in.empty() {
		*spareInbox.Of(l) = in.packets[:0]
		*in = inbox{}
	}
}
