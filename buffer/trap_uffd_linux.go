//go:build amd64 && !race

package buffer

import (
	"errors"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	arenaPage     = 4096
	arenaSize     = 16 << 30 // of addresses; page tables take 2 MiB for each GiB that has been in use
	arenaSmallest = 1 << 30
	arenaPatience = 5 * time.Second // for a report to be written
)

// An arenaTrap hands out pages of one large range of addresses, in order and round and round, so that an address comes back
// only after all others have had their turn. Page faults in it go to userfaultfd(2): pages of blocks in use
// are there (UFFDIO_ZEROPAGE) and cost nothing, pages that were freed are not (MADV_DONTNEED), and who touches one
// hangs until the monitor has written its report. Then the monitor takes away the access rights of that page and lets
// go: the access is repeated, the processor refuses it, and Go prints the goroutine with the guilty line.
//
// Behind each block is one page that is never there. The range stays one mapping, however many blocks there are.
//
// The kernel itself does not wait for the monitor (UFFD_USER_MODE_ONLY, which also is what processes without privileges
// may have): a system call that is given freed memory fails with EFAULT.
type arenaTrap struct {
	base   uintptr
	pages  uint
	fd     int
	report reporter
	watch  *trapWatch

	// What the monitor looks at is atomic: who hangs may hold any lock.
	open   arenaSet // is in a block in use
	sealed arenaSet
	dead   arenaSet // is not accessible any more: somebody died of it, or recovered (debug.SetPanicOnFault)

	mu    sync.Mutex // guards what is below; nothing in the arena is accessed under it
	taken []uint64   // open, or behind a block in use
	next  uint
	mem   [4][]byte // the mappings: arena, open, sealed and dead
}

// newArenaTrap reserves size bytes of addresses, or a half, a quarter and so on where there are not so many. It raises GOMAXPROCS
// by one: where there is one P, an access that hangs may keep it.
func newArenaTrap(size int, patience time.Duration, report reporter) (trap, error) {
	t, err := newArena(size, report)
	if err != nil {
		return nil, err
	}
	t.watch, err = startTrapWatch(t.fd, patience)
	if err != nil {
		t.close()
		return nil, err
	}
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	go t.monitor()
	return t, nil
}

func newArena(size int, report reporter) (*arenaTrap, error) {
	if os.Getpagesize() != arenaPage {
		return nil, errors.ErrUnsupported
	}
	t := &arenaTrap{report: report, fd: -1}
	var err error
	for {
		t.mem[0], err = reserve(size)
		if err == nil || size/2 < arenaSmallest {
			break
		}
		size /= 2
	}
	t.pages = uint(size / arenaPage)
	for i := 1; i < len(t.mem) && err == nil; i++ {
		t.mem[i], err = reserve(int(t.pages+63) / 64 * 8)
	}
	if err == nil {
		t.base = uintptr(unsafe.Pointer(unsafe.SliceData(t.mem[0])))
		t.open = arenaSet(words(t.mem[1]))
		t.sealed = arenaSet(words(t.mem[2]))
		t.dead = arenaSet(words(t.mem[3]))
		t.taken = make([]uint64, len(t.open))
		_ = unix.Madvise(t.mem[0], unix.MADV_NOHUGEPAGE) // fails where there are none
		t.fd, err = openUffd(t.base, uintptr(size))
	}
	if err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// close is for an arena that was not started.
func (t *arenaTrap) close() {
	if t.fd >= 0 {
		_ = unix.Close(t.fd)
	}
	for _, m := range t.mem {
		if m != nil {
			unmapRange(m)
		}
	}
}

func (t *arenaTrap) describe() string {
	return "an access to freed memory, to the page behind a block, or a write to sealed memory stops the program at the guilty line, after a report"
}

func (t *arenaTrap) alloc(n int) ([]byte, error) {
	pages := uint(max(n, 1)+arenaPage-1) / arenaPage
	first, ok := t.take(pages + 1)
	if !ok {
		return nil, errTrapFull
	}
	if err := t.populate(first, pages); err != nil {
		t.untake(first, pages+1)
		return nil, err
	}
	t.open.set(first, pages)
	return unsafe.Slice((*byte)(t.at(first)), pages*arenaPage)[:n], nil
}

var errTrapFull = errors.New("buffer: no addresses are left for checked memory")

func (t *arenaTrap) free(mem []byte) {
	first, pages := t.span(mem)
	if !t.open.clear(first, pages) {
		panic("buffer: a trap got memory that it has not given out")
	}
	if err := t.empty(first, pages); err != nil {
		panic("buffer: madvise: " + err.Error())
	}
	t.sealed.clear(first, pages)
	t.untake(first, pages+1)
}

func (t *arenaTrap) seal(mem []byte) {
	first, pages := t.span(mem)
	t.sealed.set(first, pages)
	if err := uffdProtect(t.fd, t.at(first), pages*arenaPage, true); err != nil {
		t.sealed.clear(first, pages) // there is no seal then, and the program goes on as it would without checked mode
	}
}

func (t *arenaTrap) unseal(mem []byte) {
	first, pages := t.span(mem)
	t.sealed.clear(first, pages)
	if err := uffdProtect(t.fd, t.at(first), pages*arenaPage, false); err != nil {
		panic("buffer: UFFDIO_WRITEPROTECT: " + err.Error())
	}
}

// at returns the first byte of a page. The arena is not Go memory: its addresses may be computed.
func (t *arenaTrap) at(page uint) unsafe.Pointer {
	return unsafe.Add(unsafe.Pointer(unsafe.SliceData(t.mem[0])), page*arenaPage)
}

// span returns the pages of a block.
func (t *arenaTrap) span(mem []byte) (first, pages uint) {
	off := uintptr(unsafe.Pointer(unsafe.SliceData(mem))) - t.base
	first, pages = uint(off/arenaPage), uint(max(cap(mem), 1)+arenaPage-1)/arenaPage
	if off%arenaPage != 0 || first+pages > t.pages {
		panic("buffer: a trap got memory that it has not given out")
	}
	return first, pages
}

// take finds the next n pages in a row that nobody has.
func (t *arenaTrap) take(n uint) (first uint, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	first = t.next
	for round := 0; ; {
		if first+n > t.pages {
			if round++; round == 2 {
				return 0, false
			}
			first = 0
		}
		if n > t.pages {
			return 0, false
		}
		hit, found := lastSet(t.taken, first, n)
		if !found {
			break
		}
		first = hit + 1
	}
	eachWord(first, n, func(i uint, mask uint64) { t.taken[i] |= mask })
	t.next = first + n
	return first, true
}

// untake lets pages be taken again, but for dead ones.
func (t *arenaTrap) untake(first, n uint) {
	t.mu.Lock()
	eachWord(first, n, func(i uint, mask uint64) { t.taken[i] &^= mask &^ atomic.LoadUint64(&t.dead[i]) })
	t.mu.Unlock()
}

// bury keeps a dead page from being taken.
func (t *arenaTrap) bury(page uint) {
	t.mu.Lock()
	t.taken[page/64] |= 1 << (page % 64)
	t.mu.Unlock()
}

// populate puts zeroed pages where there are none. Pages that are there are of a fault that did not stop the program.
func (t *arenaTrap) populate(first, pages uint) error {
	for pages > 0 {
		n, err := uffdZero(t.fd, t.at(first), pages*arenaPage)
		first += n / arenaPage
		pages -= n / arenaPage
		if err == unix.EEXIST {
			err = t.empty(first, pages)
		}
		if err != nil && err != unix.EAGAIN {
			return os.NewSyscallError("UFFDIO_ZEROPAGE", err)
		}
	}
	return nil
}

func (t *arenaTrap) empty(first, pages uint) error {
	return unix.Madvise(unsafe.Slice((*byte)(t.at(first)), pages*arenaPage), unix.MADV_DONTNEED)
}

// monitor answers faults for as long as the program runs.
func (t *arenaTrap) monitor() {
	for {
		turn, m := t.watch.next()
		page := uint(uintptr(m.address)-t.base) / arenaPage
		// An access that a signal has interrupted comes again, as a fault of its own.
		if !t.dead.has(page) {
			t.judge(page, m)
		}
		uffdWake(t.fd, t.at(page), arenaPage)
		t.watch.answer(turn)
	}
}

// judge makes the page of a fault accessible, or dead.
func (t *arenaTrap) judge(page uint, m uffdMessage) {
	f := fault{addr: uintptr(m.address), write: m.flags&(uffdFlagWrite|uffdFlagWP) != 0, sealed: m.flags&uffdFlagWP != 0}
	rights := unix.PROT_NONE
	if f.sealed {
		rights = unix.PROT_READ
	}
	switch {
	case f.sealed && !t.sealed.has(page), !f.sealed && t.open.has(page):
		// It was unsealed, or given out again, in the meantime.
	case t.report(f):
		err := unix.Mprotect(unsafe.Slice((*byte)(t.at(page)), arenaPage), rights)
		if err != nil {
			panic("buffer: mprotect: " + err.Error())
		}
		t.dead.set(page, 1)
		go t.bury(page) // who hangs may hold the lock
	case f.sealed:
		t.sealed.clear(page, 1)
		_ = uffdProtect(t.fd, t.at(page), arenaPage, false)
	default:
		_, _ = uffdZero(t.fd, t.at(page), arenaPage)
	}
}
