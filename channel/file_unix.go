//go:build unix

package channel

import (
	"io"
	"syscall"
)

// adopt makes an open file of a descriptor.
func adopt(fd int, name string) *openFile { return &openFile{fd: fd, name: name} }

// close closes the descriptor. It was only read from, so there is nothing that an error could mean. Loops do that, unless it takes long.
func (o *openFile) close() {
	if freesMuch(o.fd) {
		go o.closeNow()
	} else {
		o.closeNow()
	}
}

func (o *openFile) closeNow() {
	if o.f != nil {
		o.f.Close()
		return
	}
	syscall.Close(o.fd)
}

// muchToFree is how many bytes of a file may be given back on a loop. They take up to a quarter of a second for each GiB.
const muchToFree = 4 << 20

// freesMuch tells whether closing a file may be the end of it: whether it is large, and has no name any more. Then the system gives back
// its blocks, and the pages of it that are cached.
func freesMuch(fd int) bool {
	var s syscall.Stat_t
	return syscall.Fstat(fd, &s) == nil && s.Nlink == 0 && s.Size > muchToFree
}

// readAt is ReadAt of io.ReaderAt.
func (o *openFile) readAt(p []byte, off int64) (n int, err error) {
	if o.f != nil {
		return o.f.ReadAt(p, off)
	}
	for n < len(p) {
		m, err := syscall.Pread(o.fd, p[n:], off+int64(n))
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return n, err
		case m == 0:
			return n, io.EOF
		default:
			n += m
		}
	}
	return n, nil
}
