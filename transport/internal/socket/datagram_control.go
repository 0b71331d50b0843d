//go:build linux

package socket

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Control messages of packets, cmsg(3):
//
//	│ length │ level │ type │ value ... │ padding │ length │ ...
//
// The kernel writes those of received packets; they are read with care all the same, since a mistake here would be one about memory.

// Kinds of control messages, linux/udp.h.
const (
	udpSegment = 103
	udpGRO     = 104
)

// received is what control messages tell about a packet.
type received struct {
	local netip.Addr
	iface uint32
	tos   uint8
	size  int // of the packets that were received as one, 0 if it is only one
}

// parseControl reads control messages. What it does not know, and what is cut off, it skips.
func parseControl(p []byte) (r received) {
	for len(p) >= unix.SizeofCmsghdr {
		h := (*unix.Cmsghdr)(unsafe.Pointer(unsafe.SliceData(p)))
		n := uint64(h.Len)
		if n < uint64(dataAt) || n > uint64(len(p)) {
			return r
		}
		r.take(int(h.Level), int(h.Type), p[dataAt:n])
		p = p[min(uint64(unix.CmsgSpace(int(n)-dataAt)), uint64(len(p))):]
	}
	return r
}

// dataAt is where the value of a control message begins.
var dataAt = unix.CmsgLen(0)

// take reads one control message.
func (r *received) take(level, kind int, v []byte) {
	switch {
	case level == unix.SOL_UDP && kind == udpGRO && len(v) >= 2:
		r.size = segmentSize(v)
	case level == unix.IPPROTO_IP && kind == unix.IP_PKTINFO && len(v) >= unix.SizeofInet4Pktinfo:
		r.iface = binary.NativeEndian.Uint32(v)
		r.local = netip.AddrFrom4([4]byte(v[8:12])) // ipi_addr, the destination in the header
	case level == unix.IPPROTO_IPV6 && kind == unix.IPV6_PKTINFO && len(v) >= unix.SizeofInet6Pktinfo:
		r.local = netip.AddrFrom16([16]byte(v)).Unmap()
		r.iface = binary.NativeEndian.Uint32(v[16:])
	case level == unix.IPPROTO_IP && kind == unix.IP_TOS && len(v) >= 1:
		r.tos = v[0]
	case level == unix.IPPROTO_IPV6 && kind == unix.IPV6_TCLASS && len(v) >= 4:
		r.tos = uint8(binary.NativeEndian.Uint32(v))
	}
}

// segmentSize reads the value of UDP_GRO, an int.
func segmentSize(v []byte) int {
	if len(v) < 4 {
		return int(binary.NativeEndian.Uint16(v))
	}
	return int(min(binary.NativeEndian.Uint32(v), 1<<16))
}

// controlRoom is enough for what is received and what is sent with one packet.
const controlRoom = 128

// control is the control messages of a packet to be sent.
type controls struct {
	p []byte // of controlRoom bytes
	n int
}

// add adds a message and returns its value, to be written.
func (c *controls) add(level, kind, size int) []byte {
	h := (*unix.Cmsghdr)(unsafe.Pointer(&c.p[c.n]))
	h.Level, h.Type = int32(level), int32(kind)
	h.SetLen(unix.CmsgLen(size))
	at := c.n + dataAt
	c.n += unix.CmsgSpace(size)
	v := c.p[at : at+size]
	clear(c.p[at:c.n])
	return v
}

// addSegment says that a packet is to be cut into several.
func (c *controls) addSegment(size int) {
	binary.NativeEndian.PutUint16(c.add(unix.SOL_UDP, udpSegment, 2), uint16(size))
}

// addTOS sets the traffic class of a packet.
func (c *controls) addTOS(tos uint8, v4 bool) {
	if v4 {
		binary.NativeEndian.PutUint32(c.add(unix.IPPROTO_IP, unix.IP_TOS, 4), uint32(tos))
	} else {
		binary.NativeEndian.PutUint32(c.add(unix.IPPROTO_IPV6, unix.IPV6_TCLASS, 4), uint32(tos))
	}
}

// addSource says from which address a packet is to leave, and by which interface. A socket of IPv6 is asked in IPv6's way, also for a
// peer of IPv4.
func (c *controls) addSource(local netip.Addr, iface uint32, family int) {
	if family == unix.AF_INET {
		v := c.add(unix.IPPROTO_IP, unix.IP_PKTINFO, unix.SizeofInet4Pktinfo)
		binary.NativeEndian.PutUint32(v, iface)
		if local.Is4() {
			a := local.As4()
			copy(v[4:], a[:]) // ipi_spec_dst
		}
		return
	}
	v := c.add(unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, unix.SizeofInet6Pktinfo)
	if local.IsValid() {
		a := local.As16()
		copy(v, a[:])
	}
	binary.NativeEndian.PutUint32(v[16:], iface)
}
