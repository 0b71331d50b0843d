package channel

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/ropewalk/ropewalk/buffer"
)

// A File is a range of a file to be sent, by sendfile(2) where the engine can. It owns the *os.File and closes it when the
// range was sent, or dropped for any reason.
type File struct {
	f    *os.File
	fd   int
	off  int64
	left int64

	// In a queue: the bytes that follow the file, the next file, and, in the first one, the last.
	after      buffer.Queue
	next, last *File
}

// NewFile returns n bytes of f from offset off on. It owns f, also when it fails: if the range is not a valid one of a
// regular file, f is closed.
func NewFile(f *os.File, off, n int64) (*File, error) {
	info, err := f.Stat()
	if err == nil && (off < 0 || n < 0 || off > info.Size() || n > info.Size()-off) {
		err = fmt.Errorf("channel: range of %d bytes at %d is not inside %s of %d bytes", n, off, f.Name(), info.Size())
	}
	return newFile(f, info, off, n, err)
}

// WholeFile returns all of f. It owns f, also when it fails.
func WholeFile(f *os.File) (*File, error) {
	info, err := f.Stat()
	if err != nil {
		return newFile(f, nil, 0, 0, err)
	}
	return newFile(f, info, 0, info.Size(), nil)
}

func newFile(f *os.File, info os.FileInfo, off, n int64, err error) (*File, error) {
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("channel: %s: %w", f.Name(), ErrNotRegular)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &File{f: f, fd: int(f.Fd()), off: off, left: n}, nil
}

// Size returns the number of bytes that are still to be sent.
func (f *File) Size() int64 { return f.left }

// Offset returns where in the file the next byte comes from.
func (f *File) Offset() int64 { return f.off }

// Fd returns the file's descriptor, valid until the File is released. It is for engines.
func (f *File) Fd() int { return f.fd }

// Name returns the name of the file as it was opened.
func (f *File) Name() string { return f.f.Name() }

// Release closes the file.
func (f *File) Release() {
	if f.f == nil {
		panic("channel: Release of a released File")
	}
	f.f.Close()
	f.f = nil
}

// ReadTo appends up to n of the remaining bytes to b and counts them as sent. It returns ErrFileShrank if the file ends
// early. It is for stages that must see the bytes, and for engines without sendfile; it blocks while the disk does.
//
//bufvet:borrow b
func (f *File) ReadTo(b *buffer.Buf, n int) error {
	for n = int(min(int64(n), f.left)); n > 0; {
		p := b.Tail(min(n, 64<<10))
		m, err := f.f.ReadAt(p[:min(n, len(p))], f.off)
		b.Commit(m)
		f.off, f.left, n = f.off+int64(m), f.left-int64(m), n-m
		if m == 0 {
			return readError(err)
		}
	}
	return nil
}

// Peek copies the next bytes into p, as many as there are and fit, and does not count them as sent: Outbound.Advance does
// that for those that the system took. It is for engines without sendfile; it blocks while the disk does.
func (f *File) Peek(p []byte) (int, error) {
	p = p[:min(int64(len(p)), f.left)]
	n, err := f.f.ReadAt(p, f.off)
	if n > 0 || len(p) == 0 {
		return n, nil
	}
	return 0, readError(err)
}

// readError is why a read of bytes that should be there has found none.
func readError(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		err = ErrFileShrank
	}
	return NewOpError("read file", err)
}

// A Part is what a pipeline can write to a channel: a *buffer.Buf or a *File. Nothing else is accepted.
type Part interface {
	// Size returns the number of bytes.
	Size() int64
	// Release gives the part up.
	Release()
}
