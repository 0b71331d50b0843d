//go:build linux

package socket

import (
	"net"
	"unsafe"

	"golang.org/x/sys/unix"
)

// unixName returns the name of a Unix socket, or that of its peer: what call gives, which is a number of a system call. There are
// three kinds, unix(7):
//
//	path      "/run/s"   ends at a zero byte, if there is one
//	abstract  "@s"       begins with a zero byte, for which we write @ as package net does; further ones belong to it
//	no name   ""         as most peers have
func unixName(fd int32, call uintptr) net.Addr {
	var sa unix.RawSockaddrUnix
	size := uint32(unsafe.Sizeof(sa))
	_, _, errno := unix.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(&sa)), uintptr(unsafe.Pointer(&size)))
	if errno != 0 {
		return nil
	}
	path := unsafe.Slice((*byte)(unsafe.Pointer(&sa.Path[0])), len(sa.Path))
	return &net.UnixAddr{Name: nameOf(path[:min(max(int(size)-int(unsafe.Offsetof(sa.Path)), 0), len(path))]), Net: "unix"}
}

// nameOf returns the text of a name.
func nameOf(path []byte) string {
	if len(path) == 0 {
		return ""
	}
	if path[0] == 0 {
		return "@" + string(path[1:])
	}
	for i, c := range path {
		if c == 0 {
			return string(path[:i])
		}
	}
	return string(path)
}
