//go:build linux && (amd64 || arm64)

package buffer

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Pages that are gone
//
// To read a page of a mapping that its file has no bytes for any more is SIGBUS, which ends a Go program, or is a panic on goroutines
// that called debug.SetPanicOnFault: not on others that were handed the same bytes. So there is a handler of our own, a few
// instructions on the signal stack. It looks for the address in a table of all mappings. If it is there it puts anonymous memory
// in place of this page and those behind it, up to the end of the mapping, which reads as zeros; the instruction is then run again.
//
//	file      ████████████████▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒     ▒ cut off
//	mapping   ████████████████░░░░░░░░░░░░░░░     ░ zeros, from the first page on that was touched
//	                          ▲
//	                          lost: noted before the zeros are there, so that Err, after they were read, knows of them
//
// Signals about other addresses, of other causes, or sent by kill(2) are jumped on to the handler that was there before, with all
// that it is to be called with. When the kernel reads for a system call there is no signal: the call fails with EFAULT, or is
// short.

// A mapEntry is about one mapping. The handler reads it while others change other entries, or this one:
//
//   - seq is odd while the entry is being changed, and different afterwards. The handler skips an entry that is odd, or has changed
//     while it was read. It may: whoever hits a fault holds a view, so its own entry was made before, and stays until after.
//     Without seq it could see the begin of one mapping and the end of the next one in the same entry.
//   - The entry goes before the mapping does, so none that the handler finds is about memory of somebody else.
//
// The layout is known to the handler.
type mapEntry struct {
	seq  atomic.Uint32
	_    uint32
	base atomic.Uintptr
	end  atomic.Uintptr // of the last page
	lost atomic.Uintptr // address of the first byte that is gone, or wholeMap
}

const wholeMap = ^uintptr(0)

// mapTable, mapUsed, mapMask and busNext are read by the handler. mapUsed is how many entries were ever in use.
var (
	mapTable [MaxMaps]mapEntry
	mapUsed  atomic.Uint32
	busNext  [2]atomic.Uintptr

	//lint:ignore U1000 the handler makes the address of a page with it
	mapMask = ^uintptr(os.Getpagesize() - 1)
)

// maps gives the entries out.
var maps mapSet

type mapSet struct {
	live atomic.Int32
	mu   sync.Mutex
	free []*mapEntry
}

// add makes an entry for a mapping. It returns nil if there is none left.
func (s *mapSet) add(base, end uintptr) *mapEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	var e *mapEntry
	if n := len(s.free); n > 0 {
		e, s.free = s.free[n-1], s.free[:n-1]
		e.set(base, end)
	} else {
		n := mapUsed.Load()
		if n == MaxMaps {
			return nil
		}
		e = &mapTable[n]
		e.set(base, end)
		mapUsed.Store(n + 1)
	}
	s.live.Add(1)
	return e
}

// remove takes back the entry of a mapping that is about to go.
func (s *mapSet) remove(e *mapEntry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.set(0, 0)
	s.free = append(s.free, e)
	s.live.Add(-1)
}

// lose notes that bytes from an address on are gone.
func (e *mapEntry) lose(from uintptr) {
	for {
		was := e.lost.Load()
		if was <= from || e.lost.CompareAndSwap(was, from) {
			return
		}
	}
}

func (e *mapEntry) set(base, end uintptr) {
	e.seq.Add(1)
	e.base.Store(base)
	e.end.Store(end)
	e.lost.Store(wholeMap)
	e.seq.Add(1)
}

// busHandler is what installBusHandler knows.
var busHandler struct {
	mu        sync.Mutex
	installed int       // how many of the two
	first     sigaction // the one before the first: Go's
}

// A sigaction is the kernel's, which is the same on amd64 and arm64.
type sigaction struct {
	handler  uintptr
	flags    uint64
	restorer uintptr
	mask     uint64
}

// Flags of sigaction(2).
const (
	saSigInfo   = 0x4
	saOnStack   = 0x08000000
	saResetHand = 0x80000000
)

var errBusHandler = errors.New("something else in the process has replaced the handler of SIGBUS twice")

// installBusHandler makes ours the handler of SIGBUS, if it is not. Somebody may have put another one in its place, that calls ours
// for signals it does not know: so when it is installed again it is with another entry, which goes on to that one, while
// the first goes on to Go's as before. There are two of them.
func installBusHandler() error {
	h := &busHandler
	h.mu.Lock()
	defer h.mu.Unlock()
	var now sigaction
	if err := setAction(nil, &now); err != nil {
		return err
	}
	entries := [2]uintptr{busEntry(0), busEntry(1)}
	if now.handler == entries[0] || now.handler == entries[1] {
		return nil
	}
	if h.installed == len(entries) {
		return errBusHandler
	}
	if h.installed == 0 {
		if now.handler <= 1 { // SIG_DFL, SIG_IGN
			return errors.New("the Go runtime has no handler of SIGBUS")
		}
		h.first = now
	}
	next := now.handler
	if next <= 1 {
		next = h.first.handler
	}
	busNext[h.installed].Store(next)
	ours := h.first // its restorer
	ours.handler = entries[h.installed]
	ours.flags = ours.flags&^saResetHand | saSigInfo | saOnStack // what was there before may have been without
	ours.mask = ^uint64(0)
	if err := setAction(&ours, nil); err != nil {
		return err
	}
	h.installed++
	return nil
}

// setAction is rt_sigaction(2) for SIGBUS.
func setAction(act, old *sigaction) error {
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(unix.SIGBUS), uintptr(unsafe.Pointer(act)),
		uintptr(unsafe.Pointer(old)), unsafe.Sizeof(sigaction{}.mask), 0, 0)
	if errno != 0 {
		return os.NewSyscallError("rt_sigaction", errno)
	}
	return nil
}

// busEntry returns the address of an entry of the handler.
func busEntry(i int) uintptr
