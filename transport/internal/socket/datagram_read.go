//go:build linux

package socket

import (
	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/datagram"
)

// A burst is received into the block that the loop reads into, which is cut into slots:
//
//	│ slot 0      │ slot 1      │ slot 2      │ ...      room
//	│ packet │    │ packet   │  │ packet, too large ───► beyond
//
// Packets are moved together, so that the next burst finds more room and answers to one peer lie side by side. One that is larger
// than its slot is put together in a block of its own. How large the slots are follows the packets: many small ones in one call, or a few of
// up to 64 KiB, which may be many packets of one size that the kernel has received as one (UDP_GRO).

// minRoom is the least room that is good for a burst; less is for one packet, while memory is short.
const minRoom = 16 << 10

// read takes one burst of packets, and tells whether there may be more.
func (d *Datagrams) read() (more bool) {
	room := d.Room()
	if room == nil {
		return false // it waits for memory
	}
	g := gears.Of(d.l.Loop)
	slot, count := d.pace.slots(len(room))
	if len(room) < minRoom {
		slot, count = len(room), 1
	}
	g.prepare(room, slot, count)
	d.l.Calls.Reads++
	n, errno := recvmmsg(d.fd, g.in.messages[:count])
	switch errno {
	case 0:
		g.used = n
	case unix.EAGAIN:
		return false
	case unix.EINTR:
		return true
	default:
		return d.readFailed(errno)
	}
	if len(room) < minRoom {
		d.single(g, room)
		return true
	}
	d.pace.saw(g.in.messages[:n])
	at := 0
	for i := range n {
		at = d.arrived(g, i, room, slot, at)
	}
	d.ReceivedEnd()
	return n == count
}

// readFailed tells of an error, and whether reading goes on.
func (d *Datagrams) readFailed(errno unix.Errno) bool {
	switch errno {
	case unix.EBADF, unix.ENOTSOCK, unix.EFAULT, unix.EINVAL, unix.ENOTCONN:
		d.Fail(channel.NewOpError("read", errno))
		return false
	case unix.ENOMEM, unix.ENOBUFS:
		d.Failed(errno)
		return false // the poller tells when to try again
	}
	d.Failed(errno) // what the network has to say about packets that were sent, or that a checksum was wrong
	return true
}

// arrived makes packets of message i, whose slot is in the room, and returns how far the room is in use.
func (d *Datagrams) arrived(g *gear, i int, room []byte, slot, at int) int {
	m := &g.in.messages[i]
	n := int(m.n)
	info, ok := d.told(g, m, i, n)
	if !ok {
		return at
	}
	p := d.packet(g, i, &info)
	switch {
	case n == 0:
		p.Data = d.Cache().Alloc(0)
		d.Received(p)
	case n > slot:
		d.large(g, i, room[i*slot:(i+1)*slot], info.size, p)
	default:
		if at != i*slot {
			copy(room[at:], room[i*slot:i*slot+n])
		}
		for left := n; left > 0; left -= info.size {
			p.Data = d.Cache().Received(min(info.size, left))
			d.Received(p)
		}
		at += n
	}
	return at
}

// told reads what came with message i of n bytes, and drops it if that is of no use. The size that it returns is that of the packets
// that the message is.
func (d *Datagrams) told(g *gear, m *mmsghdr, i, n int) (info received, ok bool) {
	if m.Flags&(unix.MSG_TRUNC|unix.MSG_CTRUNC) != 0 || n > maxDatagram {
		d.DropTruncated()
		return info, false
	}
	if m.Controllen > 0 {
		info = parseControl(g.controlOf(i))
	}
	if info.size <= 0 || info.size > n {
		info.size = n
	}
	if info.size > d.most {
		for left := n; left > 0; left -= info.size {
			d.DropTruncated()
		}
		return info, false
	}
	return info, true
}

// large makes packets of message i, which does not fit into its slot.
func (d *Datagrams) large(g *gear, i int, slot []byte, size int, p datagram.Packet) {
	n := int(g.in.messages[i].n)
	b, err := d.Cache().TryAlloc(n)
	if err != nil {
		d.DropNoMemory()
		return
	}
	room := b.Tail(n)
	front := copy(room, slot)
	copy(room[front:n], g.beyond[i*maxDatagram:])
	b.Commit(n)
	for b.Len() > size {
		p.Data = b.Split(size)
		d.Received(p)
	}
	p.Data = b
	d.Received(p)
}

// single delivers the only message of a burst while memory is short.
func (d *Datagrams) single(g *gear, room []byte) {
	n := int(g.in.messages[0].n)
	if info, ok := d.told(g, &g.in.messages[0], 0, n); ok {
		p := d.packet(g, 0, &info)
		if n <= len(room) && info.size == n {
			d.Input(n, p.Address, p.TOS)
			return
		}
		d.large(g, 0, room[:min(n, len(room))], info.size, p)
	}
	d.ReceivedEnd()
}

// packet returns a packet of message i, without its data.
func (d *Datagrams) packet(g *gear, i int, info *received) datagram.Packet {
	p := datagram.Packet{TOS: info.tos}
	if p.Peer = d.Peer(); !p.Peer.IsValid() {
		p.Peer = g.zones.addrPort(&g.in.names[i], d.l.Now())
	}
	p.Local, p.Interface = info.local, info.iface
	return p
}
