//go:build linux

package uring

import (
	"encoding/binary"
	"unsafe"
)

// The interface of the kernel, from include/uapi/linux/io_uring.h; see io_uring_setup(2), io_uring_enter(2) and
// io_uring_register(2).

// sqe is a request.
type sqe struct {
	op       uint8
	flags    uint8
	ioprio   uint16 // for accept, send and receive: flags of theirs
	fd       int32
	off      uint64
	addr     uint64
	len      uint32
	opFlags  uint32 // of the operation
	userData uint64
	bufGroup uint16
	_        uint16
	_        uint32
	_        [2]uint64
}

// cqe is a completion.
type cqe struct {
	userData uint64
	res      int32
	flags    uint32
}

// params is struct io_uring_params.
type params struct {
	sqEntries, cqEntries      uint32
	flags                     uint32
	sqThreadCPU, sqThreadIdle uint32
	features                  uint32
	wqFD                      uint32
	_                         [3]uint32
	sqHead, sqTail            uint32 // offsets, from here on
	sqMask, sqSize            uint32
	sqFlags, sqDropped        uint32
	sqArray                   uint32
	_                         uint32
	_                         uint64
	cqHead, cqTail            uint32
	cqMask, cqSize            uint32
	cqOverflow, cqes, cqFlags uint32
	_                         uint32
	_                         uint64
}

// getEvents is struct io_uring_getevents_arg.
type getEvents struct {
	sigmask   uint64
	sigmaskSz uint32
	minWait   uint32
	ts        uint64
}

// timespec is struct __kernel_timespec.
type timespec struct{ sec, nsec int64 }

// bufferEntry is struct io_uring_buf: a buffer of a ring that the kernel receives into. The tail of the ring lies in the last two
// bytes of the first one.
type bufferEntry struct {
	addr uint64
	len  uint32
	id   uint16
	_    uint16 // the tail, in the first entry
}

// bufferRing is struct io_uring_buf_reg.
type bufferRing struct {
	addr    uint64
	entries uint32
	group   uint16
	flags   uint16
	_       [3]uint64
}

// ringUpdate is struct io_uring_rsrc_update, for a registered ring.
type ringUpdate struct {
	offset uint32
	_      uint32
	fd     uint64
}

const (
	opNop     = 0
	opPollAdd = 6
	opSendmsg = 9
	opAccept  = 13
	opCancel  = 14
	opClose   = 19
	opRead    = 22
	opSend    = 26
	opRecv    = 27
)

const (
	setupCQSize       = 1 << 3
	setupClamp        = 1 << 4
	setupSubmitAll    = 1 << 7
	setupCoopTaskrun  = 1 << 8
	setupSingleIssuer = 1 << 12
	setupDeferTaskrun = 1 << 13
	setupNoSQArray    = 1 << 16

	featSingleMmap   = 1 << 0
	featNoDrop       = 1 << 1
	featSubmitStable = 1 << 2
	featExtArg       = 1 << 8

	enterGetEvents  = 1 << 0
	enterExtArg     = 1 << 3
	enterRegistered = 1 << 4

	registerRing     = 20
	unregisterRing   = 21
	registerBuffers  = 22 // a ring of them
	unregisterBuffer = 23

	offSQRing = 0
	offSQEs   = 0x10000000

	sqOverflow = 1 << 1 // completions wait because the ring was full

	sqeHardlink     = 1 << 3 // the next request begins when this one has ended
	sqeBufferSelect = 1 << 5

	recvMultishot   = 1 << 1 // in ioprio
	acceptMultishot = 1 << 0
	pollMultishot   = 1 << 0 // in len
	cancelAll       = 1 << 0
	cancelFD        = 1 << 1

	cqeBuffer      = 1 << 0 // the upper half of flags is the number of a buffer
	cqeMore        = 1 << 1 // more completions of this request follow
	cqeBufferShift = 16
)

// The kernel's sizes; a mistake above does not compile.
var (
	_ [64 - unsafe.Sizeof(sqe{})]struct{}
	_ [unsafe.Sizeof(sqe{}) - 64]struct{}
	_ [120 - unsafe.Sizeof(params{})]struct{}
	_ [unsafe.Sizeof(params{}) - 120]struct{}
	_ [16 - unsafe.Sizeof(cqe{})]struct{}
	_ [unsafe.Sizeof(cqe{}) - 16]struct{}
)

// halves returns the word in which two numbers of 16 bits lie one behind the other.
func halves(first, second uint16) uint32 {
	var p [4]byte
	binary.NativeEndian.PutUint16(p[:2], first)
	binary.NativeEndian.PutUint16(p[2:], second)
	return binary.NativeEndian.Uint32(p[:])
}

// pollEvents returns events as a request has them: the lower half lies first, whatever the order of bytes.
func pollEvents(events uint32) uint32 { return halves(uint16(events), uint16(events>>16)) }
