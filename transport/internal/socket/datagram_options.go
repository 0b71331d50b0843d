//go:build linux

package socket

import (
	"fmt"
	"math"
	"net"
	"net/netip"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel/datagram"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// datagramControl returns what package net calls with a socket before it is bound or connected.
func datagramControl(o *engine.DatagramOptions, reuse bool) func(string, string, syscall.RawConn) error {
	return func(network, address string, raw syscall.RawConn) error {
		var err error
		ctlErr := raw.Control(func(fd uintptr) {
			var options []option
			if reuse {
				options = append(options, option{unix.SOL_SOCKET, unix.SO_REUSEPORT, 1, "SO_REUSEPORT"})
			}
			if o.ReceiveBuffer > 0 {
				options = append(options, option{unix.SOL_SOCKET, unix.SO_RCVBUF, o.ReceiveBuffer, "SO_RCVBUF"})
			}
			if o.SendBuffer > 0 {
				options = append(options, option{unix.SOL_SOCKET, unix.SO_SNDBUF, o.SendBuffer, "SO_SNDBUF"})
			}
			if err = setAll(int(fd), options); err == nil && o.Control != nil {
				err = o.Control(network, address, fd)
			}
		})
		if ctlErr != nil {
			return ctlErr
		}
		return err
	}
}

// setUp sets the options of a socket that is bound or connected.
func (d *Datagrams) setUp(o *engine.DatagramOptions) error {
	d.most = o.MaxPacket
	if d.most <= 0 {
		d.most = engine.DefaultMaxPacket
	}
	var err error
	if d.local, d.family, err = gears.Of(d.l.Loop).zones.boundTo(d.fd, d.l.Now()); err != nil {
		return os.NewSyscallError("getsockname", err)
	}
	if err := setAll(d.fd, d.options(o)); err != nil {
		return err
	}
	if !o.NoOffload {
		if _, err := unix.GetsockoptInt(d.fd, unix.SOL_UDP, udpSegment); err == nil {
			d.gso = gso{on: true, most: math.MaxUint16}
		}
		unix.SetsockoptInt(d.fd, unix.SOL_UDP, udpGRO, 1) // without it packets come one by one
	}
	if err := d.multicast(o); err != nil {
		return err
	}
	for _, m := range o.Groups {
		if err := d.Join(m); err != nil {
			return err
		}
	}
	return nil
}

// options returns the options of a socket by its family. A socket of IPv6 may have peers of IPv4.
func (d *Datagrams) options(o *engine.DatagramOptions) (options []option) {
	six := d.family == unix.AF_INET6
	set := func(six bool, name, value int, text string) {
		level := unix.IPPROTO_IP
		if six {
			level = unix.IPPROTO_IPV6
		}
		options = append(options, option{level, name, value, text})
	}
	if o.PacketInfo {
		if six {
			set(true, unix.IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO")
		} else {
			set(false, unix.IP_PKTINFO, 1, "IP_PKTINFO")
		}
	}
	if o.ReceiveTOS {
		set(false, unix.IP_RECVTOS, 1, "IP_RECVTOS")
		if six {
			set(true, unix.IPV6_RECVTCLASS, 1, "IPV6_RECVTCLASS")
		}
	}
	if o.TOS != 0 {
		set(false, unix.IP_TOS, o.TOS, "IP_TOS")
		if six {
			set(true, unix.IPV6_TCLASS, o.TOS, "IPV6_TCLASS")
		}
	}
	broadcast := 0 // package net permits it
	if o.Broadcast {
		broadcast = 1
	}
	options = append(options, option{unix.SOL_SOCKET, unix.SO_BROADCAST, broadcast, "SO_BROADCAST"})
	loop := 1
	if o.NoMulticastLoop {
		loop = 0
	}
	ttl := o.MulticastTTL
	if ttl == 0 {
		ttl = 1
	}
	set(false, unix.IP_MULTICAST_ALL, 0, "IP_MULTICAST_ALL") // only groups that this socket has joined, ip(7)
	set(false, unix.IP_MULTICAST_LOOP, loop, "IP_MULTICAST_LOOP")
	set(false, unix.IP_MULTICAST_TTL, ttl, "IP_MULTICAST_TTL")
	if six {
		set(true, unix.IPV6_MULTICAST_ALL, 0, "IPV6_MULTICAST_ALL")
		set(true, unix.IPV6_MULTICAST_LOOP, loop, "IPV6_MULTICAST_LOOP")
		set(true, unix.IPV6_MULTICAST_HOPS, ttl, "IPV6_MULTICAST_HOPS")
	}
	return options
}

// multicast sets the interface of what is sent to groups.
func (d *Datagrams) multicast(o *engine.DatagramOptions) error {
	if o.MulticastInterface == "" {
		return nil
	}
	ifi, err := net.InterfaceByName(o.MulticastInterface)
	if err != nil {
		return err
	}
	err = unix.SetsockoptIPMreqn(d.fd, unix.IPPROTO_IP, unix.IP_MULTICAST_IF, &unix.IPMreqn{Ifindex: int32(ifi.Index)})
	if err == nil && d.family == unix.AF_INET6 {
		err = unix.SetsockoptInt(d.fd, unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_IF, ifi.Index)
	}
	return os.NewSyscallError("setsockopt IP_MULTICAST_IF", err)
}

// Options of linux/in.h that have the same form for both families, RFC 3678.
const (
	mcastJoinGroup        = 42
	mcastLeaveGroup       = 45
	mcastJoinSourceGroup  = 46
	mcastLeaveSourceGroup = 47
)

// groupSourceReq is struct group_source_req; struct group_req is its front. The addresses begin where an address of the machine's
// words may.
type groupSourceReq struct {
	iface  uint32
	_      [0]uintptr
	group  sockaddrStorage
	source sockaddrStorage
}

// sockaddrStorage is struct sockaddr_storage.
type sockaddrStorage struct {
	sockaddr
	_ [128 - unix.SizeofSockaddrInet6]byte
}

// Join implements datagram.Backend.
func (d *Datagrams) Join(m datagram.Membership) error {
	return d.member(m, mcastJoinGroup, mcastJoinSourceGroup, "join")
}

// Leave implements datagram.Backend.
func (d *Datagrams) Leave(m datagram.Membership) error {
	return d.member(m, mcastLeaveGroup, mcastLeaveSourceGroup, "leave")
}

func (d *Datagrams) member(m datagram.Membership, any, source int, verb string) error {
	g := m.Group.Unmap()
	if !g.IsMulticast() {
		return fmt.Errorf("%s %v: not the address of a group", verb, m.Group)
	}
	family, level := unix.AF_INET, unix.IPPROTO_IP // which a socket of IPv6 has too
	if g.Is6() {
		family, level = unix.AF_INET6, unix.IPPROTO_IPV6
	}
	if g.Is6() && d.family == unix.AF_INET {
		return fmt.Errorf("%s %v: the socket is bound to %v, which is of IPv4", verb, m.Group, d.local)
	}
	var req groupSourceReq
	if m.Interface != "" {
		ifi, err := net.InterfaceByName(m.Interface)
		if err != nil {
			return fmt.Errorf("%s %v: %w", verb, m.Group, err)
		}
		req.iface = uint32(ifi.Index)
	}
	z := &gears.Of(d.l.Loop).zones
	z.set(&req.group.sockaddr, netip.AddrPortFrom(g, 0), family, d.l.Now())
	name, size := any, int(unsafe.Offsetof(req.source))
	if m.Source.IsValid() {
		if z.set(&req.source.sockaddr, netip.AddrPortFrom(m.Source, 0), family, d.l.Now()) == 0 {
			return fmt.Errorf("%s %v: the source %v is of the other family", verb, m.Group, m.Source)
		}
		name, size = source, int(unsafe.Sizeof(req))
	}
	all := (*[unsafe.Sizeof(req)]byte)(unsafe.Pointer(&req))
	if err := unix.SetsockoptString(d.fd, level, name, string(all[:size])); err != nil {
		return fmt.Errorf("%s %v on interface %q: %w", verb, m.Group, m.Interface, err)
	}
	return nil
}
