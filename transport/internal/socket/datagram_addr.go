//go:build linux

package socket

import (
	"encoding/binary"
	"net"
	"net/netip"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sockaddr has room for the address of a peer. That of IPv4 lies in its front.
type sockaddr = unix.RawSockaddrInet6

// zones translates between names and numbers of interfaces, for addresses that are good on one link only. Both change rarely;
// package net remembers them for a minute too.
type zones struct {
	names map[uint32]string
	index map[string]uint32
	until time.Duration
}

const (
	zoneLife = time.Minute
	maxZones = 256
)

func (z *zones) refresh(now time.Duration) {
	if now >= z.until || len(z.names)+len(z.index) > maxZones {
		z.names, z.index, z.until = make(map[uint32]string), make(map[string]uint32), now+zoneLife
	}
}

// name returns the name of an interface, or its number if it has none.
func (z *zones) name(index uint32, now time.Duration) string {
	z.refresh(now)
	name, ok := z.names[index]
	if !ok {
		name = strconv.FormatUint(uint64(index), 10)
		if ifi, err := net.InterfaceByIndex(int(index)); err == nil {
			name = ifi.Name
		}
		z.names[index] = name
	}
	return name
}

// number returns the number of an interface, 0 if there is none of that name.
func (z *zones) number(name string, now time.Duration) uint32 {
	z.refresh(now)
	index, ok := z.index[name]
	if !ok {
		if ifi, err := net.InterfaceByName(name); err == nil {
			index = uint32(ifi.Index)
		} else if n, err := strconv.ParseUint(name, 10, 32); err == nil {
			index = uint32(n)
		}
		z.index[name] = index
	}
	return index
}

// addrPort returns an address that the kernel has written, and nothing for those of other families.
func (z *zones) addrPort(sa *sockaddr, now time.Duration) netip.AddrPort {
	switch sa.Family {
	case unix.AF_INET:
		in := (*unix.RawSockaddrInet4)(unsafe.Pointer(sa))
		return netip.AddrPortFrom(netip.AddrFrom4(in.Addr), networkOrder(in.Port))
	case unix.AF_INET6:
		a := netip.AddrFrom16(sa.Addr).Unmap()
		if sa.Scope_id != 0 && a.Is6() {
			a = a.WithZone(z.name(sa.Scope_id, now))
		}
		return netip.AddrPortFrom(a, networkOrder(sa.Port))
	}
	return netip.AddrPort{}
}

// set writes an address for a socket of a family, and returns its size; 0 if that family cannot reach it.
func (z *zones) set(sa *sockaddr, a netip.AddrPort, family int, now time.Duration) uint32 {
	ip := a.Addr()
	if family == unix.AF_INET {
		if ip = ip.Unmap(); !ip.Is4() {
			return 0
		}
		in := (*unix.RawSockaddrInet4)(unsafe.Pointer(sa))
		*in = unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: ip.As4()}
		binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&in.Port))[:], a.Port())
		return unix.SizeofSockaddrInet4
	}
	*sa = sockaddr{Family: unix.AF_INET6, Addr: ip.As16()}
	binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&sa.Port))[:], a.Port())
	if zone := ip.Zone(); zone != "" {
		sa.Scope_id = z.number(zone, now)
	}
	return unix.SizeofSockaddrInet6
}

// boundTo returns what a socket is bound to, and its family.
func (z *zones) boundTo(fd int, now time.Duration) (netip.AddrPort, int, error) {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return netip.AddrPort{}, 0, err
	}
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port)), unix.AF_INET, nil
	case *unix.SockaddrInet6:
		a := netip.AddrFrom16(sa.Addr)
		if sa.ZoneId != 0 {
			a = a.WithZone(z.name(sa.ZoneId, now))
		}
		return netip.AddrPortFrom(a, uint16(sa.Port)), unix.AF_INET6, nil
	}
	return netip.AddrPort{}, 0, unix.EAFNOSUPPORT
}

var (
	noAddr    netip.Addr
	broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})
)
