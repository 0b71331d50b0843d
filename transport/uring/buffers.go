//go:build linux

package uring

import (
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/buffer"
)

// buffers are those that the kernel receives into: a ring whose entries are Bufs of our own, so that what was received goes up
// as it is.
//
//	ids       0  1  2  3  4 ...                  a Buf lies under its id while the kernel has it
//	kernel    takes from the head ─► completion with the id ─► take: the Buf goes up, its id is free
//	refill    a new Buf under each free id, behind the tail
//
// There are few at first and twice as many whenever they were not enough, up to maxBuffers. They are not many because they are used in turn:
// what cycles must stay in the processor's cache. A sink that keeps what it gets costs memory of the pool and takes nothing
// from others, since a new Buf comes under the id. While the pool is short of memory there is no refill.
type buffers struct {
	entries *[maxBuffers]bufferEntry // shared with the kernel
	memory  []byte
	bufs    [maxBuffers]*buffer.Buf
	free    []uint16 // ids without a Buf
	size    int      // ids in use, at most maxBuffers
	tail    uint16
	first   uint16 // the id in the first entry, which shares a word with the tail
}

const (
	maxBuffers = 256
	minBuffers = 64
	bufferLen  = 4<<10 - buffer.DefaultHeadroom // a block of 4 KiB
	group      = 1                              // of buffers, in the ring
)

// newBuffers registers a ring of buffers. They are there after the first refill.
func newBuffers(r *ring) (*buffers, error) {
	memory, err := unix.Mmap(-1, 0, maxBuffers*int(unsafe.Sizeof(bufferEntry{})), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	reg := bufferRing{addr: uint64(uintptr(unsafe.Pointer(unsafe.SliceData(memory)))), entries: maxBuffers, group: group}
	_, _, errno := unix.Syscall6(unix.SYS_IO_URING_REGISTER, uintptr(r.fd), registerBuffers, uintptr(unsafe.Pointer(&reg)), 1, 0, 0)
	if errno != 0 {
		unix.Munmap(memory)
		return nil, os.NewSyscallError("io_uring_register", errno)
	}
	b := &buffers{memory: memory, entries: (*[maxBuffers]bufferEntry)(unsafe.Pointer(unsafe.SliceData(memory)))}
	b.grow()
	return b, nil
}

// grow allows for more buffers, and tells whether there may be more.
func (b *buffers) grow() bool {
	if b.size == maxBuffers {
		return false
	}
	for n := max(2*b.size, minBuffers); b.size < n; b.size++ {
		b.free = append(b.free, uint16(b.size))
	}
	return true
}

// take returns the Buf with an id, with n bytes that were received.
func (b *buffers) take(id uint16, n int) *buffer.Buf {
	buf := b.bufs[id]
	b.bufs[id] = nil
	b.free = append(b.free, id)
	buf.Commit(n)
	return buf
}

// refill puts a Buf under each free id, as long as there is memory, and tells whether there are any that the kernel can take.
func (b *buffers) refill(c *buffer.Cache) bool {
	for n := len(b.free); n > 0; n = len(b.free) {
		if c.Pool().Pressed() {
			break
		}
		buf, err := c.TryAlloc(bufferLen)
		if err != nil {
			break
		}
		id := b.free[n-1]
		b.free = b.free[:n-1]
		b.bufs[id] = buf
		room := buf.Tail(bufferLen)
		e := &b.entries[b.tail%maxBuffers]
		e.addr, e.len = uint64(uintptr(unsafe.Pointer(unsafe.SliceData(room)))), uint32(bufferLen)
		if b.tail%maxBuffers == 0 {
			b.first = id // written with the tail
		} else {
			e.id = id
		}
		b.tail++
	}
	// The id of the first entry and the tail lie in one word, which a 32-bit store publishes.
	word := (*uint32)(unsafe.Pointer(&b.entries[0].id))
	if v := halves(b.first, b.tail); v != *word {
		atomic.StoreUint32(word, v)
	}
	return len(b.free) < b.size
}

// close takes the ring from the kernel, which receives no more, and releases what lies in it.
func (b *buffers) close(r *ring) {
	reg := bufferRing{group: group}
	unix.Syscall6(unix.SYS_IO_URING_REGISTER, uintptr(r.fd), unregisterBuffer, uintptr(unsafe.Pointer(&reg)), 1, 0, 0)
	for i, buf := range b.bufs {
		if buf != nil {
			buf.Release()
			b.bufs[i] = nil
		}
	}
	unix.Munmap(b.memory)
}
