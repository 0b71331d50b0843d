//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package std

import (
	"sync"
	"syscall"

	"github.com/ropewalk/ropewalk/channel"
)

// socketError returns, and clears, the error that a socket has.
func socketError(fd int) syscall.Errno {
	v, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_ERROR)
	if errno, ok := err.(syscall.Errno); ok {
		return errno
	}
	return syscall.Errno(v)
}

// filePieces are what files are copied through.
var filePieces = sync.Pool{New: func() any { return new([64 << 10]byte) }}

// copyFile sends the next bytes of a file by way of user memory.
func copyFile(fd int, f *channel.File) (int, syscall.Errno, error) {
	p := filePieces.Get().(*[64 << 10]byte)
	defer filePieces.Put(p)
	n, err := f.Peek(p[:])
	if err != nil {
		return 0, 0, err
	}
	n, errno := send(fd, p[:n], false)
	return n, errno, nil
}
