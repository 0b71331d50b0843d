//go:build linux

package socket

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/datagram"
)

const (
	maxSegments = 64 // of one message, UDP_MAX_SEGMENTS of older kernels
	maxSends    = 64 // calls that one socket makes in one turn
)

// gso is what is known of segmentation offload on a socket. The kernel refuses it where a device cannot compute checksums (EIO),
// and for packets that do not fit into one frame of their way (EINVAL).
type gso struct {
	on   bool
	most int // bytes of packets that may leave together
}

// limits returns how packets may be put together.
func (o *gso) limits() datagram.Limits {
	if !o.on {
		return datagram.Limits{Runs: maxMessages, Segments: 1}
	}
	return datagram.Limits{Runs: maxMessages, Segments: maxSegments, Size: o.most}
}

// refused learns from an error, and tells whether it may be one of offload only: the packets are then sent one by one.
func (o *gso) refused(errno unix.Errno, size int) bool {
	switch errno {
	case unix.EIO, unix.EOPNOTSUPP, unix.ENOPROTOOPT:
		o.on = false
	case unix.EINVAL, unix.EMSGSIZE:
		if o.most = min(o.most, size-1); o.most <= 0 {
			o.on = false
		}
	default:
		return false
	}
	return true
}

// Flush implements datagram.Backend.
func (d *Datagrams) Flush(o *datagram.Outbound) error {
	g := gears.Of(d.l.Loop)
	for range maxSends {
		o.Next(&g.batch, d.gso.limits())
		runs := g.batch.Runs
		if len(runs) == 0 {
			d.want(packetsOut, false)
			return nil
		}
		ready := d.prepare(g, runs)
		if ready == 0 {
			o.Lost(unix.EAFNOSUPPORT)
			continue
		}
		d.l.Calls.Writes++
		n, errno := sendmmsg(d.fd, g.out.messages[:ready])
		if errno == 0 {
			d.sent(o, runs[:n])
			continue
		}
		if stop, err := d.refused(o, &runs[0], errno); stop {
			return err
		}
	}
	if o.Len() > 0 {
		d.again(sendAgain) // the others' turn
	}
	return nil
}

// sent drops what has left.
func (d *Datagrams) sent(o *datagram.Outbound, runs []datagram.Run) {
	packets := 0
	for i := range runs {
		packets += runs[i].Packets
		d.l.Calls.wrote(runs[i].Bytes)
	}
	d.flags &^= retried
	o.Sent(packets)
}

// refused decides what an error means for the first run, and whether the flush ends.
func (d *Datagrams) refused(o *datagram.Outbound, run *datagram.Run, errno unix.Errno) (stop bool, err error) {
	if run.Packets > 1 && d.gso.refused(errno, run.Size) {
		return false, nil
	}
	switch errno {
	case unix.EAGAIN:
		d.want(packetsOut, true)
		d.Blocked()
		return true, nil
	case unix.EINTR:
		return false, nil
	case unix.EBADF, unix.ENOTSOCK, unix.EFAULT, unix.EPIPE:
		return true, channel.NewOpError("send", errno)
	case unix.ENOBUFS, unix.ENOMEM: // nothing gets better by trying at once
		o.Lost(errno)
		d.again(sendAgain)
		return true, nil
	}
	if d.Peer().IsValid() && d.flags&retried == 0 {
		// It may be what the network says of an earlier packet, such as ECONNREFUSED: this one was not tried then.
		d.flags |= retried
		d.Failed(errno)
		return false, nil
	}
	d.flags &^= retried
	o.Lost(errno)
	return false, nil
}

// prepare writes messages for runs, and returns for how many: up to the first that the socket's family cannot reach.
func (d *Datagrams) prepare(g *gear, runs []datagram.Run) int {
	pieces := 0
	for i := range runs {
		pieces += len(runs[i].Pieces)
	}
	if cap(g.vectors) < pieces {
		g.vectors = make([]unix.Iovec, 0, pieces+pieces/2)
	}
	v := g.vectors[:0]
	for i := range runs {
		run, m := &runs[i], &g.out.messages[i]
		m.Iov = unsafe.SliceData(v[len(v):cap(v)])
		m.SetIovlen(len(run.Pieces))
		for _, p := range run.Pieces {
			e := unix.Iovec{Base: unsafe.SliceData(p)}
			e.SetLen(len(p))
			v = append(v, e)
		}
		m.Namelen = 0
		if !d.Peer().IsValid() {
			if m.Namelen = g.zones.set(&g.out.names[i], run.Peer, d.family, d.l.Now()); m.Namelen == 0 {
				return i
			}
			m.Name = (*byte)(unsafe.Pointer(&g.out.names[i]))
		} else {
			m.Name = nil
		}
		m.SetControllen(d.control(g, i, run))
	}
	return len(runs)
}

// control writes the control messages of a run, and returns their size.
func (d *Datagrams) control(g *gear, i int, run *datagram.Run) int {
	if run.Packets == 1 && run.TOS == 0 && !run.Local.IsValid() && run.Interface == 0 {
		return 0
	}
	c := controls{p: (*[controlRoom]byte)(unsafe.Pointer(&g.out.control[i]))[:]}
	if run.Packets > 1 {
		c.addSegment(run.Size)
	}
	peer := run.Peer.Addr()
	if run.TOS != 0 {
		c.addTOS(run.TOS, peer.Is4() || peer.Is4In6())
	}
	local, iface := run.Local, run.Interface
	if local.IsMulticast() || local.IsUnspecified() || local == broadcast {
		local = noAddr
	}
	if !peer.IsMulticast() && !peer.IsLinkLocalUnicast() {
		iface = 0
	}
	if local.IsValid() || iface != 0 {
		c.addSource(local, iface, d.family)
	}
	return c.n
}
