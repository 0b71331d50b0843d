//go:build linux

package socket

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
)

// rightsRoom is room for the control messages of one call: the most descriptors that may come with one message, and
// some more than that for what else the kernel may tell, so that what has been cut off are descriptors.
const rightsRoom = 4*channel.MaxDescriptors + 256

// rights is what a loop needs to pass descriptors, made when it first does.
type rights struct {
	control [rightsRoom]byte
	fds     []int32
}

func (l *Loop) rightsRoom() *rights {
	if l.rights == nil {
		l.rights = new(rights)
	}
	return l.rights
}

// PassesDescriptors implements channel.Informer.
func (c *Conn) PassesDescriptors() bool { return c.Flags&Passing != 0 }

// readPassing is the reading of a connection on which descriptors come: recv, with the descriptors given to the channel. The
// kernel ends a read behind bytes that have descriptors, unix(7), so there is one message of them.
func (c *Conn) readPassing(room []byte) (n int, errno unix.Errno, err error) {
	r := c.loop().rightsRoom()
	v := unix.Iovec{Base: unsafe.SliceData(room)}
	v.SetLen(len(room))
	msg := unix.Msghdr{Iov: &v, Control: &r.control[0]}
	msg.SetIovlen(1)
	msg.SetControllen(len(r.control))
	n, errno = recvmsg(int(c.FD), &msg, unix.MSG_CMSG_CLOEXEC|unix.MSG_DONTWAIT)
	if errno != 0 || msg.Controllen == 0 && msg.Flags&unix.MSG_CTRUNC == 0 {
		return n, errno, nil
	}
	r.fds = parseRights(r.fds[:0], r.control[:msg.Controllen])
	if msg.Flags&unix.MSG_CTRUNC != 0 { // the process has too many open: recvmsg(2), cmsg(3)
		for _, fd := range r.fds {
			unix.Close(int(fd))
		}
		return n, 0, channel.ErrDescriptorsLost
	}
	return n, 0, c.ReceivedDescriptors(r.fds, c.loop().features[c].descriptors)
}

// sendDescriptors sends the descriptors that are next, with some of the bytes behind them. The kernel takes the descriptors
// with the first byte, and so they are sent when one is.
func (c *Conn) sendDescriptors(q *channel.Outbound) (n, all int, errno unix.Errno, err error) {
	l := c.loop()
	r := l.rightsRoom()
	files := q.Descriptors()
	h := (*unix.Cmsghdr)(unsafe.Pointer(&r.control[0]))
	h.Level, h.Type = unix.SOL_SOCKET, unix.SCM_RIGHTS
	h.SetLen(unix.CmsgLen(4 * len(files)))
	for i, f := range files {
		raw, err := f.SyscallConn() // Fd would make a socket block
		if err == nil {
			err = raw.Control(func(fd uintptr) {
				binary.NativeEndian.PutUint32(r.control[unix.CmsgLen(4*i):], uint32(fd))
			})
		}
		if err != nil {
			return 0, 0, 0, channel.NewOpError("send descriptors", err)
		}
	}
	l.pieces = q.VectorsBehind(l.pieces[:0], maxVectors, maxTurn)
	all = l.vectorize()
	msg := unix.Msghdr{Iov: &l.vectors[0], Control: &r.control[0]}
	msg.SetIovlen(len(l.vectors))
	msg.SetControllen(unix.CmsgSpace(4 * len(files)))
	l.Calls.Writes++
	n, errno = sendmsgTo(int(c.FD), &msg, 0)
	l.Calls.wrote(n)
	if errno != 0 && errno != unix.EAGAIN && errno != unix.EINTR { // such as ETOOMANYREFS: too many are under way
		err = channel.NewOpError("send descriptors", errno)
	}
	return n, all, errno, err
}

// vectorize makes vectors of the loop's pieces and returns their length.
func (l *Loop) vectorize() (all int) {
	l.vectors = l.vectors[:0]
	for _, p := range l.pieces {
		v := unix.Iovec{Base: &p[0]}
		v.SetLen(len(p))
		l.vectors = append(l.vectors, v)
		all += len(p)
	}
	return all
}

func recvmsg(fd int, msg *unix.Msghdr, flags int) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(msg)), uintptr(flags))
	return int(n), errno
}

func sendmsgTo(fd int, msg *unix.Msghdr, flags int) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(msg)), uintptr(flags|unix.MSG_NOSIGNAL))
	return int(n), errno
}
