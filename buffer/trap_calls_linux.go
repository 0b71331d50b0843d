//go:build amd64 && !race

package buffer

import (
	"errors"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// From linux/userfaultfd.h: structures and numbers of ioctl_userfaultfd(2).
type (
	uffdRange struct{ start, len uint64 }

	uffdProtection struct {
		uffdRange
		mode uint64
	}

	uffdMessage struct {
		event   uint8
		_       [7]byte
		flags   uint64
		address uint64
		_       uint64
	}
)

const (
	uffdUserModeOnly = 1 // Linux 5.11

	uffdioAPI          = 0xc018aa3f
	uffdioRegister     = 0xc020aa00
	uffdioWake         = 0x8010aa02
	uffdioZeropage     = 0xc020aa04
	uffdioWriteprotect = 0xc018aa06

	uffdFeatureWP    = 1 << 0  // Linux 5.7
	uffdFeatureExact = 1 << 11 // Linux 5.18: addresses are not rounded to pages

	uffdEventPagefault = 0x12
	uffdFlagWrite      = 1 << 0
	uffdFlagWP         = 1 << 1
)

// openUffd makes a userfaultfd that gets the faults of a range, also those of writes to protected pages.
func openUffd(base, size uintptr) (fd int, err error) {
	for _, features := range []uint64{uffdFeatureWP | uffdFeatureExact, uffdFeatureWP} {
		fd, err = tryUffd(base, size, features)
		if err != unix.EINVAL {
			break
		}
	}
	return fd, os.NewSyscallError("userfaultfd", err)
}

func tryUffd(base, size uintptr, features uint64) (int, error) {
	r, _, errno := unix.Syscall(unix.SYS_USERFAULTFD, unix.O_CLOEXEC|uffdUserModeOnly, 0, 0)
	if errno != 0 {
		return -1, errno
	}
	fd := int(r)
	api := struct{ api, features, ioctls uint64 }{0xaa, features, 0}
	err := uffdControl(fd, uffdioAPI, unsafe.Pointer(&api))
	if err == nil {
		reg := struct {
			uffdRange
			mode, ioctls uint64
		}{uffdRange{uint64(base), uint64(size)}, 1<<0 | 1<<1, 0} // MISSING and WP
		err = uffdControl(fd, uffdioRegister, unsafe.Pointer(&reg))
		if need := uint64(1<<2 | 1<<4 | 1<<6); err == nil && reg.ioctls&need != need { // WAKE, ZEROPAGE, WRITEPROTECT
			err = errors.ErrUnsupported
		}
	}
	if err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func uffdControl(fd int, op uintptr, arg unsafe.Pointer) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), op, uintptr(arg)); errno != 0 {
		return errno
	}
	return nil
}

// uffdZero returns how many bytes it has populated, also with an error.
func uffdZero(fd int, p unsafe.Pointer, n uint) (uint, error) {
	arg := struct {
		uffdRange
		mode uint64
		done int64
	}{uffdRange{uint64(uintptr(p)), uint64(n)}, 0, 0}
	err := uffdControl(fd, uffdioZeropage, unsafe.Pointer(&arg))
	return uint(max(arg.done, 0)), err
}

// uffdProtect also wakes those who hang when it takes protection away. It fails with EAGAIN while mappings are being changed.
func uffdProtect(fd int, p unsafe.Pointer, n uint, protect bool) error {
	arg := uffdProtection{uffdRange{uint64(uintptr(p)), uint64(n)}, 0}
	if protect {
		arg.mode = 1
	}
	for {
		err := uffdControl(fd, uffdioWriteprotect, unsafe.Pointer(&arg))
		if err != unix.EAGAIN {
			return err
		}
	}
}

func uffdWake(fd int, p unsafe.Pointer, n uint) {
	arg := uffdRange{uint64(uintptr(p)), uint64(n)}
	_ = uffdControl(fd, uffdioWake, unsafe.Pointer(&arg))
}
