//go:build linux && (amd64 || arm64)

package buffer

import (
	"math"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// MapCopies tells whether Map copies files into blocks of the pool, for lack of a way to survive that a file becomes shorter:
// everywhere but on Linux on amd64 and arm64. Then it fails with ErrLimit where the pool would, and fails with ErrTruncated if the
// file ends early.
const MapCopies = false

// mostMapped is how much of a mapping one block shows: a view counts in 32 bits.
const mostMapped = 1 << 30

// A mapping is a part of a file in memory. The blocks that show it count down to its end.
//
//	file     ──────────┬────────────────────────┬──────
//	mapping        ┌───┼────────────────────────┼──┐      whole pages
//	blocks             ├── 1 GiB ──┼── 1 GiB ──┤
type mapping struct {
	mem   unsafe.Pointer
	size  uintptr
	first int64 // offset in the file of the first byte
	fd    int   // of the file, ours
	entry *mapEntry
	users atomic.Int32
}

// A mappedBlock is a block of a mapping. It lives on the Go heap.
type mappedBlock struct {
	block
	of *mapping
	at int64 // offset in the file of the first byte
}

// mapsTorn is set when a copy was made of bytes that were lost: from then on queues look at their Bufs.
var mapsTorn atomic.Bool

func noteTorn() { mapsTorn.Store(true) }

// MayTear tells whether there may be a Buf in this process for which Err is not nil: there is none without mapped files.
func MayTear() bool { return maps.live.Load() > 0 || mapsTorn.Load() }

// Maps returns how many mappings of Map are in use.
func Maps() int { return int(maps.live.Load()) }

// mapRange makes b, which is empty, show n bytes of a file.
func (b *Buf) mapRange(f *os.File, off int64, n int) error {
	front := int(off & int64(os.Getpagesize()-1))
	m := &mapping{size: uintptr(n + front), first: off - int64(front), fd: -1}
	if err := m.open(f); err != nil {
		return err
	}
	m.users.Store(int32((n + mostMapped - 1) / mostMapped))
	b.flags |= overlap
	for at := 0; at < n; at += mostMapped {
		k := &mappedBlock{of: m, at: off + int64(at)}
		k.mem, k.size, k.class = unsafe.Add(m.mem, front+at), uint32(min(n-at, mostMapped)), classMapped
		k.refs.Store(firstShares)
		b.push(seg{b: &k.block, end: k.size, share: firstShares})
	}
	return nil
}

// open maps the file. MAP_PRIVATE, since nobody writes: more file systems have it than MAP_SHARED.
func (m *mapping) open(f *os.File) error {
	if err := installBusHandler(); err != nil {
		return err
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { m.fd, failed = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) })
	if err != nil {
		return err
	}
	if failed != nil {
		return os.NewSyscallError("fcntl", failed)
	}
	var system unix.Statfs_t
	if err := unix.Fstatfs(m.fd, &system); err == nil && system.Type == unix.HUGETLBFS_MAGIC { // pages of its own, munmap(2)
		unix.Close(m.fd)
		return ErrNotRegular
	}
	if m.mem, err = unix.MmapPtr(m.fd, m.first, nil, m.size, unix.PROT_READ, unix.MAP_PRIVATE); err != nil {
		unix.Close(m.fd)
		return os.NewSyscallError("mmap", err)
	}
	page := uintptr(os.Getpagesize())
	if m.entry = maps.add(uintptr(m.mem), uintptr(m.mem)+(m.size+page-1)&^(page-1)); m.entry == nil {
		unmapPages(m.mem, m.size)
		unix.Close(m.fd)
		return ErrTooManyMaps
	}
	return nil
}

// drop takes away a block of the mapping.
func (m *mapping) drop() {
	if m.users.Add(-1) > 0 {
		return
	}
	maps.remove(m.entry) // first: others may get the addresses as soon as they are free
	unmapPages(m.mem, m.size)
	unix.Close(m.fd)
}

func unmapPages(p unsafe.Pointer, n uintptr) {
	if err := unix.MunmapPtr(p, n); err != nil {
		panic("buffer: munmap: " + err.Error())
	}
}

// sound returns up to where in the file nothing was lost.
func (m *mapping) sound() int64 {
	base := uintptr(m.mem)
	var s unix.Stat_t
	var err error
	for err = unix.EINTR; err == unix.EINTR; {
		err = unix.Fstat(m.fd, &s)
	}
	if err != nil {
		s.Size = 0 // on a network, the file may be gone
	}
	if have := max(s.Size-m.first, 0); have < int64(m.size) {
		m.entry.lose(base + uintptr(have))
	}
	if lost := m.entry.lost.Load(); lost != wholeMap {
		return m.first + int64(lost-base)
	}
	return math.MaxInt64
}

// mapped returns what a view shows of a mapping, nil if it is none.
func (s *seg) mapped() *mappedBlock {
	if s.b == nil || s.b.class != classMapped || s.len() == 0 {
		return nil
	}
	return (*mappedBlock)(unsafe.Pointer(s.b))
}

// showsMap tells whether b shows part of a mapping.
func (b *Buf) showsMap() bool {
	if maps.live.Load() == 0 {
		return false
	}
	if b.one.mapped() != nil {
		return true
	}
	for i := range b.more {
		if b.more[i].mapped() != nil {
			return true
		}
	}
	return false
}

// lost tells whether b shows bytes of a mapping that were lost.
func (b *Buf) lost() bool {
	if maps.live.Load() == 0 || b.one.b == nil {
		return false
	}
	var of *mapping
	var sound int64
	for i := range 1 + len(b.more) {
		s := b.seg(i)
		k := s.mapped()
		if k == nil {
			continue
		}
		if k.of != of {
			of, sound = k.of, k.of.sound()
		}
		if k.at+int64(s.end) > sound {
			return true
		}
	}
	return false
}
