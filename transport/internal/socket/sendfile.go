//go:build linux

package socket

import (
	"errors"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
)

// sendFile sends up to limit bytes of a file. all is what it tried to send. If they are not in memory it starts to read them
// ahead instead, and sets the flag fetching.
func (c *Conn) sendFile(f *channel.File, limit int) (n, all int, errno unix.Errno, err error) {
	all = int(min(f.Size(), int64(limit)))
	if now := c.Loop().Now(); c.Flags&warm == 0 && !f.Seen(all, now) {
		c.loop().Calls.Files++
		if !cached(f.Fd(), f.Offset(), all) {
			return 0, all, 0, c.fetch(f, all)
		}
		f.SetSeen(all, now)
	}
	c.Flags &^= warm
	if int64(all) < f.Size() {
		c.cork(true)
	}
	c.loop().Calls.Files++
	n, errno = sendfile(int(c.FD), f.Fd(), f.Offset(), all)
	switch errno {
	case 0:
		if n == 0 {
			return 0, all, 0, channel.NewOpError("sendfile", channel.ErrFileShrank)
		}
		c.loop().Calls.FileBytes += uint64(n)
	case unix.EINVAL, unix.ENOSYS, unix.EOPNOTSUPP:
		// The file system or a filter does not support it. Copy instead: correct, only slower.
		return c.copyFile(f, all)
	case unix.EAGAIN, unix.EINTR:
	default:
		err = channel.NewOpError("sendfile", errno)
	}
	return n, all, errno, err
}

// copyFile is sendFile by way of user memory, in pieces of up to 64 KiB, or less when the pool is at its limit.
func (c *Conn) copyFile(f *channel.File, all int) (int, int, unix.Errno, error) {
	room, err := c.loop().Cache().ReceiveRoom()
	if err != nil {
		room = c.loop().Scratch()
	}
	room = room[:min(len(room), all)]
	n, err := f.Peek(room)
	if err != nil {
		return 0, all, 0, err
	}
	c.loop().Calls.Files++
	c.loop().Calls.Writes++
	m, errno := send(int(c.FD), room[:n], 0)
	c.loop().Calls.wrote(m)
	return m, n, errno, nil
}

// fetch has a part of a file read into the page cache by another goroutine, after which the connection goes on.
func (c *Conn) fetch(f *channel.File, n int) error {
	fd, err := unix.FcntlInt(uintptr(f.Fd()), unix.F_DUPFD_CLOEXEC, 0) // the file may be closed meanwhile
	if err == unix.EMFILE || err == unix.ENFILE {                      // then the loop waits for the disk
		c.Flags |= warm
		return nil
	}
	if err != nil {
		return channel.NewOpError("dup file", err)
	}
	c.Flags |= fetching
	off := f.Offset()
	ok := c.loop().group.fetch.submit(func(scratch []byte) {
		readAhead(fd, off, n, scratch)
		unix.Close(fd)
		c.later(func() {
			c.Flags = c.Flags&^fetching | warm
			c.Ready()
		})
	})
	if !ok {
		c.Flags &^= fetching
		unix.Close(fd)
		return errors.New("the engine is closed")
	}
	return nil
}
