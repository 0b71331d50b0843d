package buffer

import (
	"os"

	"golang.org/x/sys/unix"
)

// mapMemory returns n bytes of zeroed memory outside the Go heap, mmap(2). Pages cost nothing until they are touched.
func mapMemory(n int) ([]byte, error) {
	p, err := unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	return p, nil
}

func unmapMemory(p []byte) {
	if err := unix.Munmap(p); err != nil {
		panic("buffer: munmap: " + err.Error())
	}
}

// systemMemory returns the machine's memory in bytes, 0 if it is not known.
func systemMemory() int64 {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return 0
	}
	return int64(info.Totalram) * int64(info.Unit)
}
