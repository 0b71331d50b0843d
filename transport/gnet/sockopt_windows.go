package gnet

import (
	"net"
	"syscall"

	"github.com/ropewalk/ropewalk/transport/engine"
)

// beforeUse sets options of a socket before it is bound or connected.
func beforeUse(_ string, fd uintptr, o engine.SocketOptions, _, _ bool) error {
	if o.ReceiveBuffer > 0 {
		if err := syscall.SetsockoptInt(syscall.Handle(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, o.ReceiveBuffer); err != nil {
			return err
		}
	}
	if o.SendBuffer > 0 {
		return syscall.SetsockoptInt(syscall.Handle(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF, o.SendBuffer)
	}
	return nil
}

// pending is not known here.
func pending(net.Listener) bool { return false }
