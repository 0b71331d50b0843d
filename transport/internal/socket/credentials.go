//go:build linux

package socket

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
)

// TellCredentials implements channel.Informer.
func (c *Conn) TellCredentials() (channel.Credentials, error) {
	if c.Flags&isTCP != 0 {
		return channel.Credentials{}, errors.ErrUnsupported
	}
	u, err := unix.GetsockoptUcred(int(c.FD), unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return channel.Credentials{}, os.NewSyscallError("getsockopt SO_PEERCRED", err)
	}
	return channel.Credentials{PID: int(u.Pid), UID: int(u.Uid), GID: int(u.Gid)}, nil
}

// TellProcess implements channel.Informer.
func (c *Conn) TellProcess() (*os.File, error) {
	if c.Flags&isTCP != 0 {
		return nil, errors.ErrUnsupported
	}
	fd, err := unix.GetsockoptInt(int(c.FD), unix.SOL_SOCKET, unix.SO_PEERPIDFD) // it is close-on-exec, pidfd_open(2)
	if err == unix.ENOPROTOOPT {                                                 // before Linux 6.5
		return nil, errors.ErrUnsupported
	}
	if err != nil {
		return nil, os.NewSyscallError("getsockopt SO_PEERPIDFD", err)
	}
	return os.NewFile(uintptr(fd), "pidfd"), nil
}
