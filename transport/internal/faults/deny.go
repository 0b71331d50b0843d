//go:build linux

package main

import (
	"os"
	"runtime"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// deny runs another program in place of this one, for which one system call does not exist. The arguments are the number of the
// call and the command.
func deny(arguments []string) error {
	number, err := strconv.ParseUint(arguments[0], 10, 32)
	if err != nil {
		return err
	}
	const load, equal, give = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_RET | unix.BPF_K
	filter := []unix.SockFilter{
		{Code: load}, // the number of the call is what struct seccomp_data begins with, seccomp(2)
		{Code: equal, K: uint32(number), Jf: 1},
		{Code: give, K: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)},
		{Code: give, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	runtime.LockOSThread() // the filter is of this thread, and execve(2) keeps the one that calls it
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return os.NewSyscallError("PR_SET_NO_NEW_PRIVS", err)
	}
	if err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&program)), 0, 0); err != nil {
		return os.NewSyscallError("PR_SET_SECCOMP", err)
	}
	return os.NewSyscallError("execve", unix.Exec(arguments[1], arguments[1:], os.Environ()))
}
