//go:build !race

package buffer

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// newTrap returns the best trap that this system allows. An arena's monitor is a goroutine in a system call: call it from
// outside of testing/synctest, whose bubbles would wait for it.
func newTrap(report reporter) trap {
	if t, err := newArenaTrap(arenaSize, arenaPatience, report); err == nil {
		return t
	}
	return newMapTrap(quarantineBytes, quarantineBlocks)
}

// A mapTrap gives out mappings and takes away all access to those that come back, mprotect(2). The processor stops who
// touches them, and Go prints the line; nobody is asked before. Each block is a mapping, and a process may have 65,530
// (vm.max_map_count): when they run out, the quarantine is given up.
type mapTrap struct {
	queue quarantine
	page  int
}

func newMapTrap(bytes, blocks int) *mapTrap {
	return &mapTrap{queue: quarantine{bytes: bytes, blocks: blocks}, page: os.Getpagesize()}
}

func (t *mapTrap) describe() string {
	return "an access to freed memory stops the program at the guilty line, for as long as its addresses are not in use again"
}

func (t *mapTrap) alloc(n int) ([]byte, error) {
	size := (max(n, 1) + t.page - 1) &^ (t.page - 1)
	mem, err := mapRange(size)
	if err == unix.ENOMEM {
		for _, old := range t.queue.drain() {
			unmapRange(old)
		}
		mem, err = mapRange(size)
	}
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	return mem[:n], nil
}

func (t *mapTrap) free(mem []byte) {
	mem = t.whole(mem)
	// DONTNEED gives the pages back at once; what is kept is addresses.
	if unix.Mprotect(mem, unix.PROT_NONE) != nil || unix.Madvise(mem, unix.MADV_DONTNEED) != nil {
		unmapRange(mem) // no more mappings: as good, until the addresses are used again
		return
	}
	for _, old := range t.queue.add(mem) {
		unmapRange(old)
	}
}

// Nobody could tell a write that is allowed, beside the bytes that are shared, from one that is not.

func (t *mapTrap) seal([]byte)   {}
func (t *mapTrap) unseal([]byte) {}

// whole returns all pages of a block.
func (t *mapTrap) whole(mem []byte) []byte {
	n := (max(cap(mem), 1) + t.page - 1) &^ (t.page - 1)
	return unsafe.Slice(unsafe.SliceData(mem), n)
}

// mapRange and unmapRange are mmap(2) and munmap(2). [unix.Mmap] remembers each mapping under a lock, which a trap can do
// without.
func mapRange(size int) ([]byte, error) {
	p, err := unix.MmapPtr(-1, 0, nil, uintptr(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, err
	}
	return unsafe.Slice((*byte)(p), size), nil
}

func unmapRange(mem []byte) {
	if err := unix.MunmapPtr(unsafe.Pointer(unsafe.SliceData(mem)), uintptr(len(mem))); err != nil {
		panic("buffer: munmap: " + err.Error())
	}
}
