//go:build unix

package nethttp

import (
	"syscall"

	"github.com/ropewalk/ropewalk/channel"
)

// duplicate returns n bytes of f from offset at on, on a descriptor of its own, or nil if there is none. f has size bytes.
func duplicate(f file, size, at, n int64) *channel.File {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil
	}
	fd := -1
	raw.Control(func(own uintptr) {
		syscall.ForkLock.RLock()
		defer syscall.ForkLock.RUnlock()
		if fd, err = syscall.Dup(int(own)); err == nil {
			syscall.CloseOnExec(fd)
		}
	})
	if fd < 0 || err != nil {
		return nil
	}
	whole := channel.AdoptFile(fd, f.Name(), size)
	defer whole.Release()
	return whole.Slice(at, n)
}
