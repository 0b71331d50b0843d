//go:build darwin || freebsd || netbsd || openbsd || dragonfly

package std

import (
	"syscall"

	"github.com/ropewalk/ropewalk/channel"
)

// What these systems can do with a descriptor: their sendfile(2) differ, and package syscall has no writev(2).
const (
	haveSendfile = false
	haveGather   = false
)

func errnoOf(n int, err error) (int, syscall.Errno) {
	errno, _ := err.(syscall.Errno)
	return n, errno
}

func recv(fd int, p []byte) (int, syscall.Errno) { return errnoOf(syscall.Read(fd, p)) }

// peek returns how much a read would return now, at most 1.
func peek(fd int) (int, syscall.Errno) {
	var p [1]byte
	n, _, err := syscall.Recvfrom(fd, p[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	return errnoOf(n, err)
}

func send(fd int, p []byte, _ bool) (int, syscall.Errno) { return errnoOf(syscall.Write(fd, p)) }

// gather is what a loop needs to send several pieces in one call: they are copied together.
type gather struct{ scratch []byte }

// send sends the first 64 KiB of pieces in one call. all is how many bytes these are.
func (g *gather) send(fd int, pieces [][]byte, more bool) (n, all int, errno syscall.Errno) {
	if g.scratch == nil {
		g.scratch = make([]byte, 64<<10)
	}
	for _, p := range pieces {
		all += copy(g.scratch[all:], p)
	}
	n, errno = send(fd, g.scratch[:all], more)
	return n, all, errno
}

// hasInput cannot tell.
func hasInput(int, int) bool { return true }

func sendFile(fd int, f *channel.File) (int, syscall.Errno, error) { return copyFile(fd, f) }
