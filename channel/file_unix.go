//go:build unix

package channel

import (
	"io"
	"syscall"
)

// adopt makes an open file of a descriptor.
func adopt(fd int, name string) *openFile { return &openFile{fd: fd, name: name} }

// close closes the descriptor. It was only read from, so there is nothing that an error could mean.
func (o *openFile) close() {
	if o.f != nil {
		o.f.Close()
		return
	}
	syscall.Close(o.fd)
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
