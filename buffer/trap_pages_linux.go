//go:build amd64 && !race

package buffer

import (
	"math/bits"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A arenaSet has one bit per page, which are changed and read without a lock.
type arenaSet []uint64

func (s arenaSet) has(page uint) bool {
	return atomic.LoadUint64(&s[page/64])>>(page%64)&1 != 0
}

func (s arenaSet) set(first, n uint) {
	eachWord(first, n, func(i uint, mask uint64) { atomic.OrUint64(&s[i], mask) })
}

// clear tells whether all of them were set.
func (s arenaSet) clear(first, n uint) bool {
	all := true
	eachWord(first, n, func(i uint, mask uint64) {
		all = atomic.AndUint64(&s[i], ^mask)&mask == mask && all
	})
	return all
}

// lastSet returns the last bit that is set from first to first+n.
func lastSet(set []uint64, first, n uint) (bit uint, ok bool) {
	eachWord(first, n, func(i uint, mask uint64) {
		if w := set[i] & mask; w != 0 {
			bit, ok = i*64+uint(bits.Len64(w))-1, true
		}
	})
	return bit, ok
}

// reserve maps memory that takes up nothing until it is touched.
func reserve(size int) ([]byte, error) {
	p, err := unix.MmapPtr(-1, 0, nil, uintptr(size), unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_ANON|unix.MAP_PRIVATE|unix.MAP_NORESERVE)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	return unsafe.Slice((*byte)(p), size), nil
}

func words(mem []byte) []uint64 {
	return unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(mem))), len(mem)/8)
}
