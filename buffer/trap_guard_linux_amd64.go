//go:build !race

package buffer

import (
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A trapWatch is what the guard of an arena and its monitor share: one page outside the Go heap, the guard's stack behind it.
//
// The guard reads the faults. It is a thread that the Go runtime knows nothing of, because the runtime's own may be unable
// to run: a thread that hangs in a page fault inside of copy or bytes.IndexByte (assembly, where goroutines cannot be
// preempted) keeps its P. When all Ps hang like that, or when the collector wants to stop the world, which waits for
// such a P, then no goroutine runs until the access is let go, so no goroutine can let it go.
//
// So the guard hands each fault to the monitor, which is a goroutine, and waits for its answer. When none comes in
// time it decides by itself: memory that is free must not be touched, and the program dies at the guilty line with Go's
// message only. A write to sealed memory may be allowed, which only the monitor knows: the seal is broken, and the program goes on.
type trapWatch struct {
	fd       uintptr
	asked    atomic.Uint32 // faults handed over
	answered atomic.Uint32 // the last one that the monitor is done with
	patience unix.Timespec
	wake     uffdRange
	protect  uffdProtection
	msg      uffdMessage
}

const trapGuardStack = 32 << 10

const trapGuardNote = "buffer: memory was used after its release; see the address below.\n" +
	"buffer: no stacks of its allocation and release: the program could not be halted to print them.\n"

// startTrapWatch starts a guard that reads faults from fd, the only one who does.
func startTrapWatch(fd int, patience time.Duration) (*trapWatch, error) {
	mem, err := mapRange(trapGuardStack) // for good
	if err != nil {
		return nil, err
	}
	w := (*trapWatch)(unsafe.Pointer(unsafe.SliceData(mem)))
	w.fd = uintptr(fd)
	w.patience = unix.NsecToTimespec(int64(patience))
	stack := unsafe.Pointer(&mem[len(mem)-16])
	*(*unsafe.Pointer)(stack) = unsafe.Pointer(w)

	// Signal handlers of Go need a thread of Go. A thread inherits the mask.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var all, old unix.Sigset_t
	for i := range all.Val {
		all.Val[i] = ^uint64(0)
	}
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &all, &old); err != nil {
		unmapRange(mem)
		return nil, err
	}
	tid := startTrapGuard(stack)
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil); err != nil {
		panic("buffer: sigprocmask: " + err.Error())
	}
	if tid < 0 {
		unmapRange(mem)
		return nil, syscall.Errno(-tid)
	}
	return w, nil
}

// startTrapGuard starts a thread that runs trapGuard on a stack, whose end this is. It returns a negative errno if it cannot.
//
//go:noescape
func startTrapGuard(stack unsafe.Pointer) (tid int)

// trapGuard is the guard's life. There is no goroutine on its thread: it calls nothing that may look for one, neither
// grows its stack nor allocates, and it has system calls without the runtime's knowledge.
//
//lint:ignore U1000 startTrapGuard calls it
//go:nosplit
func trapGuard(w *trapWatch) {
	for {
		n, _, errno := syscall.RawSyscall(unix.SYS_READ, w.fd, uintptr(unsafe.Pointer(&w.msg)), unsafe.Sizeof(w.msg))
		if errno == unix.EINTR || errno == unix.EAGAIN {
			continue
		}
		if errno != 0 || n != unsafe.Sizeof(w.msg) {
			return
		}
		if w.msg.event != uffdEventPagefault {
			continue
		}
		turn := w.asked.Add(1)
		syscall.RawSyscall(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&w.asked)), futexWake, 1)
		for {
			done := w.answered.Load()
			if done == turn {
				break
			}
			_, _, errno := syscall.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&w.answered)), futexWait, uintptr(done),
				uintptr(unsafe.Pointer(&w.patience)), 0, 0)
			if errno == unix.ETIMEDOUT && w.answered.Load() == done {
				w.end()
				break
			}
		}
	}
}

// end makes the last fault's access one that the processor refuses, or, if the memory is sealed, one that it does not, and lets it
// go on.
//
//go:nosplit
func (w *trapWatch) end() {
	w.wake.start = w.msg.address &^ (arenaPage - 1)
	w.wake.len = arenaPage
	if w.msg.flags&uffdFlagWP != 0 {
		w.protect = uffdProtection{w.wake, 0}
		syscall.RawSyscall(unix.SYS_IOCTL, w.fd, uffdioWriteprotect, uintptr(unsafe.Pointer(&w.protect)))
	} else {
		note := trapGuardNote
		syscall.RawSyscall(unix.SYS_WRITE, 2, uintptr(unsafe.Pointer(unsafe.StringData(note))), uintptr(len(note)))
		syscall.RawSyscall(unix.SYS_MPROTECT, uintptr(w.wake.start), arenaPage, unix.PROT_NONE)
	}
	syscall.RawSyscall(unix.SYS_IOCTL, w.fd, uffdioWake, uintptr(unsafe.Pointer(&w.wake)))
}

// next waits for a fault after the one that was answered last. Only the monitor calls it.
func (w *trapWatch) next() (turn uint32, msg uffdMessage) {
	last := w.answered.Load()
	for {
		if turn := w.asked.Load(); turn != last {
			return turn, w.msg
		}
		// Its errors are EAGAIN and EINTR.
		_, _, _ = unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&w.asked)), futexWait, uintptr(last), 0, 0, 0)
	}
}

// answer tells the guard that a fault has been dealt with.
func (w *trapWatch) answer(turn uint32) {
	w.answered.Store(turn)
	_, _, _ = unix.Syscall(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&w.answered)), futexWake, 1)
}

const (
	futexWait = 0 | 128 // FUTEX_WAIT, FUTEX_PRIVATE_FLAG
	futexWake = 1 | 128
)
