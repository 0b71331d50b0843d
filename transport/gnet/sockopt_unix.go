//go:build unix

package gnet

import (
	"fmt"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/transport/engine"
)

// setting is a value for an option of a socket, which is not set if it is zero.
type setting struct {
	level, name, value int
	text               string // for errors
}

// beforeUse sets options of a socket before it is bound or connected. Accepted sockets have them from the listening one.
func beforeUse(network string, fd uintptr, o engine.SocketOptions, listening, reuse bool) error {
	settings := []setting{
		// The sizes decide on the scale of the window, which the handshake announces, tcp(7).
		{unix.SOL_SOCKET, unix.SO_RCVBUF, o.ReceiveBuffer, "SO_RCVBUF"},
		{unix.SOL_SOCKET, unix.SO_SNDBUF, o.SendBuffer, "SO_SNDBUF"},
	}
	if reuse {
		settings = append(settings, setting{unix.SOL_SOCKET, unix.SO_REUSEPORT, 1, "SO_REUSEPORT"})
	}
	if network != "unix" {
		settings = append(settings, settingsTCP(network, o, listening)...)
	}
	for _, s := range settings {
		if s.value == 0 {
			continue
		}
		if err := unix.SetsockoptInt(int(fd), s.level, s.name, s.value); err != nil {
			return os.NewSyscallError(fmt.Sprintf("setsockopt %s to %d", s.text, s.value), err)
		}
	}
	return nil
}

// pending tells whether a connection waits to be accepted.
func pending(ln net.Listener) bool {
	sc, ok := ln.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	n := 0
	raw.Control(func(fd uintptr) {
		n, _ = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
	})
	return n > 0
}
