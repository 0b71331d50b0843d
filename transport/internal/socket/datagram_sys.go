//go:build linux

package socket

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// mmsghdr is struct mmsghdr of recvmmsg(2) and sendmmsg(2).
type mmsghdr struct {
	unix.Msghdr
	n uint32 // bytes that were received or sent
}

// recvmmsg receives as many packets as there are, without waiting, and returns their number.
func recvmmsg(fd int, msgs []mmsghdr) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(msgs))), uintptr(len(msgs)),
		unix.MSG_DONTWAIT, 0, 0)
	return int(n), errno
}

// sendmmsg sends as many packets as the system takes, without waiting, and returns their number. An error is that of the first one.
func sendmmsg(fd int, msgs []mmsghdr) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(msgs))), uintptr(len(msgs)),
		unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
	return int(n), errno
}

// drops returns how many packets the kernel has dropped because the buffer of a socket was full (SO_MEMINFO, SK_MEMINFO_DROPS of
// linux/sock_diag.h).
func drops(fd int) (uint64, unix.Errno) {
	const soMeminfo, atDrops = 55, 8
	var info [atDrops + 1]uint32
	size := uint32(unsafe.Sizeof(info))
	_, _, errno := unix.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, soMeminfo, uintptr(unsafe.Pointer(&info)),
		uintptr(unsafe.Pointer(&size)), 0)
	return uint64(info[atDrops]), errno
}
