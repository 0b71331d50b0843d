package gnet

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
)

const canTell = true

// TellCredentials implements channel.Informer.
func (c *conn) TellCredentials() (channel.Credentials, error) {
	if c.flags&isTCP != 0 {
		return channel.Credentials{}, errors.ErrUnsupported
	}
	u, err := unix.GetsockoptUcred(c.fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return channel.Credentials{}, err
	}
	return channel.Credentials{PID: int(u.Pid), UID: int(u.Uid), GID: int(u.Gid)}, nil
}

// TellProcess implements channel.Informer.
func (c *conn) TellProcess() (*os.File, error) {
	if c.flags&isTCP != 0 {
		return nil, errors.ErrUnsupported
	}
	fd, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_PEERPIDFD)
	switch err {
	case nil:
		return os.NewFile(uintptr(fd), "pidfd"), nil
	case unix.ENOPROTOOPT, unix.EINVAL: // before Linux 6.5
		err = errors.ErrUnsupported
	}
	return nil, err
}
