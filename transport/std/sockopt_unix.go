//go:build unix && !aix && !solaris && !illumos

package std

import (
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// What these systems can do with a socket before it is used.
const (
	haveBuffers   = true // their sizes can be set
	canPeekAccept = true // hasConnection tells
)

// setBuffers sets the sizes of the kernel's buffers.
func setBuffers(fd uintptr, receive, send int) (err error) {
	if receive > 0 {
		err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, receive)
	}
	if err == nil && send > 0 {
		err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF, send)
	}
	return os.NewSyscallError("setsockopt", err)
}

// hasConnection tells whether Accept would return one at once.
func hasConnection(ln net.Listener) (has bool) {
	sc, ok := ln.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	raw.Control(func(fd uintptr) {
		p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(p, 0)
		has = n > 0 && err == nil && p[0].Revents&unix.POLLIN != 0
	})
	return has
}
