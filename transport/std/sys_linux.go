package std

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
)

// What this system can do with a descriptor.
const (
	haveSendfile = true
	haveGather   = true
)

// The calls that do not block are made without telling the scheduler.

func recv(fd int, p []byte) (int, syscall.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), 0, 0, 0)
	return int(n), errno
}

// peek returns how much a read would return now, at most 1.
func peek(fd int) (int, syscall.Errno) {
	var p [1]byte
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), 1, unix.MSG_PEEK|unix.MSG_DONTWAIT, 0, 0)
	return int(n), errno
}

// send sends p. If there is more the last segment waits for it, sendto(2).
func send(fd int, p []byte, more bool) (int, syscall.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), sendFlags(more), 0, 0)
	return int(n), errno
}

func sendFlags(more bool) uintptr {
	if more {
		return unix.MSG_NOSIGNAL | unix.MSG_MORE
	}
	return unix.MSG_NOSIGNAL
}

// gather is what a loop needs to send several pieces in one call.
type gather struct{ vectors []unix.Iovec }

// send sends pieces, none of which is empty, in one call. all is how many bytes these are.
func (g *gather) send(fd int, pieces [][]byte, more bool) (n, all int, errno syscall.Errno) {
	g.vectors = g.vectors[:0]
	for _, p := range pieces {
		v := unix.Iovec{Base: &p[0]}
		v.SetLen(len(p))
		g.vectors = append(g.vectors, v)
		all += len(p)
	}
	msg := unix.Msghdr{Iov: unsafe.SliceData(g.vectors)}
	msg.SetIovlen(len(g.vectors))
	m, _, errno := unix.RawSyscall(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(&msg)), sendFlags(more))
	return int(m), all, errno
}

// hasInput tells whether n bytes, or the end of the stream, have come.
func hasInput(fd, n int) bool {
	if have, err := unix.IoctlGetInt(fd, unix.SIOCINQ); err != nil || have >= n {
		return true
	}
	p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
	ended, err := unix.Poll(p, 0)
	return ended != 0 || err != nil
}

// sendFile sends the next bytes of a file, up to a megabyte of them. It waits for the disk, not for room.
func sendFile(fd int, f *channel.File) (int, syscall.Errno, error) {
	off := f.Offset()
	n, err := unix.Sendfile(fd, f.Fd(), &off, int(min(f.Size(), maxTurn)))
	errno, _ := err.(syscall.Errno)
	switch errno {
	case unix.EINVAL, unix.ENOSYS, unix.EOPNOTSUPP: // the file system or a filter does not support it
		return copyFile(fd, f)
	}
	return n, errno, nil
}
