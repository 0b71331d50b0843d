//go:build !race

package buffer

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mapMemory returns n bytes of zeroed memory outside the Go heap, mmap(2). Pages cost nothing until they are touched. huge asks
// for huge pages, madvise(2), and for a mapping that begins where one may.
func mapMemory(n int, huge bool) ([]byte, error) {
	spare := uintptr(0)
	if huge && n >= hugePage {
		spare = hugePage
	}
	whole, err := unix.MmapPtr(-1, 0, nil, uintptr(n)+spare, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	if spare == 0 {
		return unsafe.Slice((*byte)(whole), n), nil
	}
	front := -uintptr(whole) & (hugePage - 1)
	p := unsafe.Slice((*byte)(unsafe.Add(whole, front)), n)
	unmap(whole, front)
	unmap(unsafe.Add(whole, front+uintptr(n)), spare-front)
	_ = unix.Madvise(p, unix.MADV_HUGEPAGE) // a wish: the kernel may know no huge pages
	return p, nil
}

// decommitMemory gives the memory of pages back to the system, madvise(2), and tells whether it could: pages that are locked,
// mlock(2), stay. They are zero when they are used again.
func decommitMemory(p []byte) bool { return unix.Madvise(p, unix.MADV_DONTNEED) == nil }

// unmapMemory gives memory from mapMemory back to the system.
func unmapMemory(p []byte) { unmap(unsafe.Pointer(unsafe.SliceData(p)), uintptr(len(p))) }

func unmap(p unsafe.Pointer, n uintptr) {
	if n == 0 {
		return
	}
	if err := unix.MunmapPtr(p, n); err != nil {
		panic("buffer: munmap: " + err.Error())
	}
}
