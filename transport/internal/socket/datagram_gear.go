//go:build linux

package socket

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/datagram"
)

const (
	maxMessages = 64      // of one call
	maxDatagram = 1 << 16 // bytes that one message may have, of one packet or of several
)

// gear is what the sockets of a loop make their calls with.
type gear struct {
	in, out struct {
		messages [maxMessages]mmsghdr
		names    [maxMessages]sockaddr
		control  [maxMessages][controlRoom / 8]uint64 // aligned as the kernel wants it
	}
	room    [maxMessages][2]unix.Iovec // the slot of each message, and what is beyond
	base    *byte                      // of the slots that room describes
	slot    int                        // their size
	ready   int                        // their number
	used    int                        // messages that the latest call has changed
	beyond  []byte                     // maxDatagram for each message; what is not used takes no memory
	vectors []unix.Iovec
	batch   datagram.Batch
	zones   zones
}

var gears = channel.NewLocal(func(*channel.Loop) *gear {
	g := &gear{beyond: make([]byte, maxMessages*maxDatagram), used: maxMessages}
	for i := range maxMessages {
		for _, side := range []struct {
			m *mmsghdr
			c *[controlRoom / 8]uint64
			n *sockaddr
		}{{&g.in.messages[i], &g.in.control[i], &g.in.names[i]}, {&g.out.messages[i], &g.out.control[i], &g.out.names[i]}} {
			side.m.Control = (*byte)(unsafe.Pointer(side.c))
			side.m.Name = (*byte)(unsafe.Pointer(side.n))
		}
		v := &g.room[i]
		v[1].Base = &g.beyond[i*maxDatagram]
		g.in.messages[i].Iov = &v[0]
		g.in.messages[i].SetIovlen(len(v))
	}
	return g
})

// prepare makes the first count messages ready for a call that receives into slots of a room. Mostly that is the room of the call
// before, and only what this has changed is to be undone.
func (g *gear) prepare(room []byte, slot, count int) {
	for i := range g.used {
		m := &g.in.messages[i]
		m.Namelen, m.Flags = unix.SizeofSockaddrInet6, 0
		m.SetControllen(controlRoom)
	}
	g.used = 0
	if base := &room[0]; g.base != base || g.slot != slot {
		g.base, g.slot, g.ready = base, slot, 0
	}
	for ; g.ready < count; g.ready++ {
		v := &g.room[g.ready]
		v[0].Base = &room[g.ready*slot]
		v[0].SetLen(slot)
		v[1].SetLen(maxDatagram - slot)
	}
}

// controlOf returns the control messages of a received packet.
func (g *gear) controlOf(i int) []byte {
	p := (*[controlRoom]byte)(unsafe.Pointer(&g.in.control[i]))
	return p[:min(int(g.in.messages[i].Controllen), controlRoom)]
}
