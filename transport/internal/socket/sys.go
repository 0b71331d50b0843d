//go:build linux

package socket

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The calls of the hot path. All but sendfile never block, so the scheduler need not hear of them.

func recv(fd int, p []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), 0, 0, 0)
	return int(n), errno
}

// peek returns how much a read would return now, at most 1.
func peek(fd int) (int, unix.Errno) {
	var p [1]byte
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), 1, unix.MSG_PEEK|unix.MSG_DONTWAIT, 0, 0)
	return int(n), errno
}

func send(fd int, p []byte, flags int) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), uintptr(flags|unix.MSG_NOSIGNAL), 0, 0)
	return int(n), errno
}

func writev(fd int, v []unix.Iovec) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall(unix.SYS_WRITEV, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(v))), uintptr(len(v)))
	return int(n), errno
}

func sendmsg(fd int, v []unix.Iovec, flags int) (int, unix.Errno) {
	msg := unix.Msghdr{Iov: unsafe.SliceData(v)}
	msg.SetIovlen(len(v))
	n, _, errno := unix.RawSyscall(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(&msg)), uintptr(flags|unix.MSG_NOSIGNAL))
	return int(n), errno
}

// sendfile may wait for a disk after all, when pages were dropped since the kernel was asked. So it is an ordinary call,
// which gives the processor to other goroutines.
func sendfile(to, from int, off int64, n int) (int, unix.Errno) {
	m, err := unix.Sendfile(to, from, &off, n)
	errno, _ := err.(unix.Errno)
	return m, errno
}

// splice moves up to n bytes between a pipe and a socket, splice(2). It does not wait for either.
func splice(from, to, n int) (int, unix.Errno) {
	m, _, errno := unix.RawSyscall6(unix.SYS_SPLICE, uintptr(from), 0, uintptr(to), 0, uintptr(n), unix.SPLICE_F_MOVE|unix.SPLICE_F_NONBLOCK)
	return int(m), errno
}

// teePipe has what is in a pipe in another one too, tee(2).
func teePipe(from, to, n int) (int, unix.Errno) {
	m, _, errno := unix.RawSyscall6(unix.SYS_TEE, uintptr(from), uintptr(to), uintptr(n), unix.SPLICE_F_NONBLOCK, 0, 0)
	return int(m), errno
}

// getpeername is for sockets that are connected; peer stays as it is if that has changed meanwhile.
func getpeername(fd int, peer *unix.RawSockaddrAny) {
	size := uint32(unix.SizeofSockaddrAny)
	unix.RawSyscall(unix.SYS_GETPEERNAME, uintptr(fd), uintptr(unsafe.Pointer(peer)), uintptr(unsafe.Pointer(&size)))
}

func accept4(fd int, peer *unix.RawSockaddrAny) (int, unix.Errno) {
	size := uint32(unix.SizeofSockaddrAny)
	n, _, errno := unix.RawSyscall6(unix.SYS_ACCEPT4, uintptr(fd), uintptr(unsafe.Pointer(peer)), uintptr(unsafe.Pointer(&size)), unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0, 0)
	return int(n), errno
}
