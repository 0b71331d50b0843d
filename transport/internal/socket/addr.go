//go:build linux

package socket

import (
	"encoding/binary"
	"net"
	"unsafe"

	"golang.org/x/sys/unix"
)

// endpoint is the other side of a TCP connection in few bytes: after a reset the kernel does not know it any more, and
// that is when it is to be logged. The zero value is none.
type endpoint struct {
	ip   [16]byte
	port uint16
}

// endpointOf returns what accept4(2) has told.
func endpointOf(sa *unix.RawSockaddrAny) (e endpoint) {
	switch sa.Addr.Family {
	case unix.AF_INET:
		in := (*unix.RawSockaddrInet4)(unsafe.Pointer(sa))
		copy(e.ip[:], net.IP(in.Addr[:]).To16())
		e.port = networkOrder(in.Port)
	case unix.AF_INET6:
		in := (*unix.RawSockaddrInet6)(unsafe.Pointer(sa))
		e.ip, e.port = in.Addr, networkOrder(in.Port)
	}
	return e
}

// networkOrder reads a number that lies in memory with its most significant byte first.
func networkOrder(v uint16) uint16 {
	var p [2]byte
	binary.NativeEndian.PutUint16(p[:], v)
	return binary.BigEndian.Uint16(p[:])
}

// endpointFor returns an address of package net.
func endpointFor(a net.Addr) (e endpoint) {
	if tcp, ok := a.(*net.TCPAddr); ok {
		copy(e.ip[:], tcp.IP.To16())
		e.port = uint16(tcp.Port)
	}
	return e
}

func (e *endpoint) addr() net.Addr {
	if *e == (endpoint{}) {
		return nil
	}
	return &net.TCPAddr{IP: append(net.IP(nil), e.ip[:]...), Port: int(e.port)}
}

// LocalAddr implements channel.Backend. It is nil once the socket is closed.
func (c *Conn) LocalAddr() net.Addr {
	if c.Flags&isTCP == 0 {
		return unixName(c.FD, unix.SYS_GETSOCKNAME)
	}
	return address(unix.Getsockname(int(c.FD)))
}

// RemoteAddr implements channel.Backend.
func (c *Conn) RemoteAddr() net.Addr {
	if c.Flags&isTCP == 0 {
		return unixName(c.FD, unix.SYS_GETPEERNAME)
	}
	if a := address(unix.Getpeername(int(c.FD))); a != nil {
		return a
	}
	return c.peer.addr()
}

// address makes a net.Addr of a socket address.
func address(sa unix.Sockaddr, err error) net.Addr {
	if err != nil {
		return nil
	}
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return &net.TCPAddr{IP: append(net.IP(nil), sa.Addr[:]...), Port: sa.Port}
	case *unix.SockaddrInet6:
		addr := &net.TCPAddr{IP: append(net.IP(nil), sa.Addr[:]...), Port: sa.Port}
		if sa.ZoneId != 0 {
			if ifi, err := net.InterfaceByIndex(int(sa.ZoneId)); err == nil {
				addr.Zone = ifi.Name
			}
		}
		return addr
	}
	return nil
}
