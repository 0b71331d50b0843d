//go:build linux

package epoll

import (
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/transport/engine"
)

const defaultKeepAlive = 15 * time.Second

// control returns what package net calls with a socket before it is bound or connected.
func control(o engine.SocketOptions, reuse bool) func(string, string, syscall.RawConn) error {
	return func(network, address string, raw syscall.RawConn) error {
		var err error
		ctlErr := raw.Control(func(fd uintptr) {
			if reuse {
				err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
			}
			// Buffer sizes must be known before the handshake, which announces the window's scale, tcp(7).
			if err == nil && o.ReceiveBuffer > 0 {
				err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, o.ReceiveBuffer)
			}
			if err == nil && o.SendBuffer > 0 {
				err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_SNDBUF, o.SendBuffer)
			}
			if err == nil && o.Control != nil {
				err = o.Control(network, address, fd)
			}
		})
		if ctlErr != nil {
			return ctlErr
		}
		return os.NewSyscallError("setsockopt", err)
	}
}

// setOptions sets what accepted sockets inherit from a listening one, or what a connected one needs.
func setOptions(fd int, o engine.SocketOptions, tcp bool) error {
	if !tcp {
		return nil
	}
	type option struct{ level, name, value int }
	options := []option{{unix.IPPROTO_TCP, unix.TCP_NODELAY, 1}}
	if o.Delay {
		options[0].value = 0
	}
	if o.KeepAlive >= 0 {
		idle := o.KeepAlive
		if idle == 0 {
			idle = defaultKeepAlive
		}
		secs := int((idle + time.Second - 1) / time.Second)
		options = append(options,
			option{unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
			option{unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, secs},
			option{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, secs})
	} else {
		options = append(options, option{unix.SOL_SOCKET, unix.SO_KEEPALIVE, 0})
	}
	for _, op := range options {
		if err := unix.SetsockoptInt(fd, op.level, op.name, op.value); err != nil {
			return os.NewSyscallError("setsockopt", err)
		}
	}
	return nil
}

func isTCPAddr(a net.Addr) bool { _, ok := a.(*net.TCPAddr); return ok }

// dupFD returns a descriptor of our own for a socket of package net. It shares the socket's non-blocking mode.
func dupFD(sock any) (int, error) {
	sc, ok := sock.(syscall.Conn)
	if !ok {
		return -1, syscall.EINVAL
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return -1, err
	}
	fd := -1
	ctlErr := raw.Control(func(old uintptr) {
		fd, err = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0)
	})
	if ctlErr != nil {
		return -1, ctlErr
	}
	return fd, os.NewSyscallError("dup", err)
}
