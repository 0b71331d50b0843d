package transporttest

import (
	"net"

	"golang.org/x/sys/unix"
)

// setPacketOption sets an option of a peer's socket, and tells whether the system has it.
func setPacketOption(c *net.UDPConn, level, name, value int) bool {
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	ok := false
	raw.Control(func(fd uintptr) { ok = unix.SetsockoptInt(int(fd), level, name, value) == nil })
	return ok
}

// sendSegments has the system cut what a peer sends into packets of a size.
func sendSegments(c *net.UDPConn, size int) bool {
	const udpSegment = 103
	return setPacketOption(c, unix.SOL_UDP, udpSegment, size)
}

// sendClass sets the traffic class of what a peer sends.
func sendClass(c *net.UDPConn, class int) bool {
	return setPacketOption(c, unix.IPPROTO_IP, unix.IP_TOS, class)
}

// noChecksums is a Control after which a socket sends without checksums. The system then refuses to split packets (EINVAL).
func noChecksums(_, _ string, fd uintptr) error {
	return unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_NO_CHECK, 1)
}

// groupsByLoopback has a peer send to groups by the loopback interface.
func groupsByLoopback(c *net.UDPConn) bool {
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	ok := false
	raw.Control(func(fd uintptr) {
		ok = unix.SetsockoptInet4Addr(int(fd), unix.IPPROTO_IP, unix.IP_MULTICAST_IF, [4]byte{127, 0, 0, 1}) == nil
	})
	return ok
}
