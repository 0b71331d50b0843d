package channel

import (
	"errors"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// directIO tells whether there is direct I/O at all.
const directIO = true

// openDirect opens a file once more, for direct I/O. A descriptor's link in /proc leads to the same file whatever its name means
// by now (proc(5)). It fails unless directAlign will do: that is as much as any device asks for that does not tell.
func openDirect(f *File) (*File, error) {
	var fd int
	var err error
	for {
		fd, err = unix.Open("/proc/self/fd/"+strconv.Itoa(f.Fd()), unix.O_RDONLY|unix.O_DIRECT|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
		if err != unix.EINTR {
			break
		}
	}
	if err != nil {
		return nil, os.NewSyscallError("open", err)
	}
	var x unix.Statx_t
	err = unix.Statx(fd, "", unix.AT_EMPTY_PATH, unix.STATX_DIOALIGN, &x)
	if err == nil && x.Mask&unix.STATX_DIOALIGN != 0 && // Linux 6.1
		(x.Dio_offset_align == 0 || x.Dio_offset_align > directAlign || x.Dio_mem_align > directAlign) {
		unix.Close(fd)
		return nil, errors.ErrUnsupported
	}
	return AdoptFile(fd, f.Name(), f.Size()), nil
}

// readDirect reads once, and waits for the disk. A read that is not at the end of a file may yet be short; the next one goes on
// where it has ended.
func readDirect(f *File, p []byte, off int64) (n int, err error) {
	for {
		n, err = syscall.Pread(f.Fd(), p, off)
		if err != syscall.EINTR {
			return max(n, 0), err
		}
	}
}
