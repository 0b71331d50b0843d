//go:build linux

package uring

import (
	"fmt"
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/transport/engine"
)

// ring is a submission and a completion queue that are shared with the kernel:
//
//	            tail (ours)                      tail (the kernel's)
//	requests ──────►  io_uring_enter(2)  completions ──────►
//	            head (the kernel's)              head (ours)
//
// It belongs to the thread that made it.
type ring struct {
	fd       int
	enterFD  uintptr // fd, or the number under which it is registered
	enterOpt uintptr
	shared   []byte // both rings
	sqes     []byte

	sqHead, sqTail, sqFlags *uint32
	sqMask, sqSize          uint32
	requests                unsafe.Pointer // *[sqSize]sqe
	tail                    uint32         // of what was written, ahead of *sqTail until the next enter

	cqHead, cqTail *uint32
	cqMask         uint32
	completions    unsafe.Pointer // *[cqSize]cqe
	head           uint32         // of what was read, ahead of *cqHead until the next enter

	wait getEvents
	time timespec
}

// A mode is a way to run a ring, better ones first.
type mode struct {
	flags uint32
	name  string
}

var modes = []mode{
	{setupSubmitAll | setupSingleIssuer | setupDeferTaskrun | setupNoSQArray, "deferred"},
	{setupSubmitAll | setupSingleIssuer | setupDeferTaskrun, "deferred"}, // before 6.6
	{setupSubmitAll | setupCoopTaskrun, "cooperative"},                   // before 6.1
}

// openRing makes a ring on the calling thread, which must be the one that uses it. Only modes from first on are tried.
func openRing(entries, completions uint32, first int) (r *ring, err error) {
	for _, m := range modes[first:] {
		p := params{flags: m.flags | setupCQSize | setupClamp, cqEntries: completions}
		fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, uintptr(entries), uintptr(unsafe.Pointer(&p)), 0)
		if errno == 0 {
			if r, err = newRing(int(fd), &p); err != nil {
				return nil, err
			}
			if errno = r.enter(); errno == 0 { // a filter may refuse this call only
				return r, nil
			}
			r.close()
			return nil, fmt.Errorf("%w: %w", engine.ErrUnsupported, os.NewSyscallError("io_uring_enter", errno))
		}
		err = fmt.Errorf("%w: %w", engine.ErrUnsupported, os.NewSyscallError("io_uring_setup", errno))
		if errno != unix.EINVAL { // ENOSYS, EPERM: not in this kernel, or not for us
			break
		}
	}
	return nil, err
}

const needed = featSingleMmap | featNoDrop | featSubmitStable | featExtArg

func newRing(fd int, p *params) (*ring, error) {
	r := &ring{fd: fd, enterFD: uintptr(fd)}
	if p.features&needed != needed {
		r.close()
		return nil, fmt.Errorf("%w: io_uring of this kernel is too old", engine.ErrUnsupported)
	}
	size := max(p.sqArray+4*p.sqEntries, p.cqes+p.cqEntries*uint32(unsafe.Sizeof(cqe{})))
	var err error
	if r.shared, err = unix.Mmap(fd, offSQRing, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE); err == nil {
		r.sqes, err = unix.Mmap(fd, offSQEs, int(p.sqEntries)*int(unsafe.Sizeof(sqe{})), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	}
	if err != nil {
		r.close()
		return nil, os.NewSyscallError("mmap of io_uring", err)
	}
	base := unsafe.Pointer(unsafe.SliceData(r.shared))
	word := func(off uint32) *uint32 { return (*uint32)(unsafe.Add(base, off)) }
	r.sqHead, r.sqTail, r.sqFlags = word(p.sqHead), word(p.sqTail), word(p.sqFlags)
	r.sqMask, r.sqSize = *word(p.sqMask), *word(p.sqSize)
	r.requests = unsafe.Pointer(unsafe.SliceData(r.sqes))
	r.cqHead, r.cqTail, r.cqMask = word(p.cqHead), word(p.cqTail), *word(p.cqMask)
	r.completions = unsafe.Add(base, p.cqes)
	if p.flags&setupNoSQArray == 0 { // requests go in the order in which they lie
		for i := range r.sqSize {
			*word(p.sqArray + 4*i) = i
		}
	}
	r.register()
	return r, nil
}

// register gives the ring a number that the kernel finds faster than its descriptor.
func (r *ring) register() {
	u := ringUpdate{offset: ^uint32(0), fd: uint64(r.fd)}
	n, _, errno := unix.Syscall6(unix.SYS_IO_URING_REGISTER, uintptr(r.fd), registerRing, uintptr(unsafe.Pointer(&u)), 1, 0, 0)
	if errno == 0 && n == 1 {
		r.enterFD, r.enterOpt = uintptr(u.offset), enterRegistered
	}
}

// close frees the ring. Nothing may be left that the kernel works on.
func (r *ring) close() {
	if r.enterOpt != 0 {
		u := ringUpdate{offset: uint32(r.enterFD)}
		unix.Syscall6(unix.SYS_IO_URING_REGISTER, uintptr(r.fd), unregisterRing, uintptr(unsafe.Pointer(&u)), 1, 0, 0)
	}
	if r.sqes != nil {
		unix.Munmap(r.sqes)
	}
	if r.shared != nil {
		unix.Munmap(r.shared)
	}
	unix.Close(r.fd)
}

// room returns how many requests can be written before the next enter.
func (r *ring) room() uint32 { return r.sqSize - (r.tail - atomic.LoadUint32(r.sqHead)) }

// request returns the next request, zeroed. There must be room. What was written is submitted by the next enter.
func (r *ring) request() *sqe {
	e := r.at(r.tail)
	r.tail++
	*e = sqe{}
	return e
}

func (r *ring) at(i uint32) *sqe {
	return (*sqe)(unsafe.Add(r.requests, uintptr(i&r.sqMask)*unsafe.Sizeof(sqe{})))
}

// taken tells whether the kernel has taken all requests that were written.
func (r *ring) taken() bool { return atomic.LoadUint32(r.sqHead) == r.tail }

// pending tells whether a request, by its number, was not submitted yet.
func (r *ring) pending(i uint32) bool { return int32(i-atomic.LoadUint32(r.sqHead)) >= 0 }

// publish shows the kernel what was written and read.
func (r *ring) publish() (submit uintptr) {
	if *r.sqTail != r.tail {
		atomic.StoreUint32(r.sqTail, r.tail)
	}
	if *r.cqHead != r.head {
		atomic.StoreUint32(r.cqHead, r.head)
	}
	return uintptr(r.tail - atomic.LoadUint32(r.sqHead))
}

// enter submits requests and has the kernel do what is due, without waiting. It is a raw call: the scheduler need not hear of one
// that does not block.
func (r *ring) enter() unix.Errno {
	n := r.publish()
	_, _, errno := unix.RawSyscall6(unix.SYS_IO_URING_ENTER, r.enterFD, n, 0, enterGetEvents|r.enterOpt, 0, 0)
	return errno
}

// enterWait is enter, and waits for a completion up to d, for ever if d is negative.
func (r *ring) enterWait(d time.Duration) unix.Errno {
	n := r.publish()
	r.wait = getEvents{}
	if d >= 0 {
		r.time = timespec{int64(d / time.Second), int64(d % time.Second)}
		r.wait.ts = uint64(uintptr(unsafe.Pointer(&r.time))) // the ring is on the heap, which does not move
	}
	_, _, errno := unix.Syscall6(unix.SYS_IO_URING_ENTER, r.enterFD, n, 1, enterGetEvents|enterExtArg|r.enterOpt,
		uintptr(unsafe.Pointer(&r.wait)), unsafe.Sizeof(r.wait))
	return errno
}

// next returns a completion and drops it, or returns false if there is none before limit.
func (r *ring) next(limit uint32) (c cqe, ok bool) {
	if int32(r.head-limit) >= 0 { // it may be beyond, where completions were put aside meanwhile
		return cqe{}, false
	}
	c = *r.completion(r.head)
	r.head++
	return c, true
}

func (r *ring) completion(i uint32) *cqe {
	return (*cqe)(unsafe.Add(r.completions, uintptr(i&r.cqMask)*unsafe.Sizeof(cqe{})))
}

// arrived returns the end of what next can return.
func (r *ring) arrived() uint32 { return atomic.LoadUint32(r.cqTail) }

// overflown tells that completions wait in the kernel for an enter.
func (r *ring) overflown() bool { return atomic.LoadUint32(r.sqFlags)&sqOverflow != 0 }
