package gnet

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
)

const (
	canSendfile  = true
	canGather    = true
	canReusePort = true
)

// keptOptions are those of connections that net.FileConn changes.
var keptOptions = []option{
	{level: unix.IPPROTO_TCP, name: unix.TCP_NODELAY},
	{level: unix.SOL_SOCKET, name: unix.SO_KEEPALIVE},
	{level: unix.IPPROTO_TCP, name: unix.TCP_KEEPIDLE},
	{level: unix.IPPROTO_TCP, name: unix.TCP_KEEPINTVL},
	{level: unix.IPPROTO_TCP, name: unix.TCP_KEEPCNT},
}

// The calls of the hot path never block, so the scheduler need not hear of them.

func sendOne(fd int, p []byte, more bool) (int, error) {
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), sendFlags(more), 0, 0)
	return result(n, errno)
}

func sendFlags(more bool) uintptr {
	if more {
		return unix.MSG_NOSIGNAL | unix.MSG_MORE
	}
	return unix.MSG_NOSIGNAL
}

func result(n uintptr, errno unix.Errno) (int, error) {
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// vectors is what a gathering call is given.
type vectors []unix.Iovec

func (v *vectors) send(fd int, pieces [][]byte, more bool) (n, all int, err error) {
	*v = (*v)[:0]
	for _, p := range pieces {
		e := unix.Iovec{Base: unsafe.SliceData(p)}
		e.SetLen(len(p))
		*v = append(*v, e)
		all += len(p)
	}
	m := unix.Msghdr{Iov: unsafe.SliceData(*v)}
	m.SetIovlen(len(*v))
	r, _, errno := unix.RawSyscall(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(&m)), sendFlags(more))
	n, err = result(r, errno)
	return n, all, err
}

// sendFile sends up to limit bytes of a file. all is what it tried to send. It blocks while the disk does.
func (c *conn) sendFile(f *channel.File, limit int) (n, all int, err error) {
	all = int(min(f.Size(), int64(limit)))
	off := f.Offset()
	c.loop().calls.Files++
	switch n, err = unix.Sendfile(c.fd, f.Fd(), &off, all); err {
	case nil:
		if n == 0 {
			return 0, all, channel.NewOpError("sendfile", channel.ErrFileShrank)
		}
		c.loop().calls.FileBytes += uint64(n)
		return n, all, nil
	case unix.EAGAIN, unix.EINTR:
		return 0, all, nil
	case unix.EINVAL, unix.ENOSYS, unix.EOPNOTSUPP: // the file system or a filter does not support it
		return c.copyFile(f, all)
	}
	return 0, all, channel.NewOpError("sendfile", err)
}

// peerEnded tells whether the end of the stream has come, whatever is before it.
func peerEnded(fd int) bool {
	p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
	n, err := unix.Poll(p, 0)
	return n != 0 || err != nil
}
