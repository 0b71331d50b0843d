package channel

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/ropewalk/ropewalk/buffer"
)

// A File is a range of an open file to be sent, by sendfile(2) where the engine can. Several Files may share an open file,
// as several Bufs share a block: each has one owner, who releases it or passes it on, and the file is closed with the last
// of them, on whatever goroutine that is.
//
//	File ──┐
//	File ──┼──► open file, with the number of Files on it ──► descriptor
//	File ──┘
//
// A File is not safe for concurrent use, but Slice and Clone only read it: goroutines may call them at the same time. What
// they return belongs to itself, and may go to another loop. A handle is used again after its Release, so a second Release
// panics only as long as that has not happened. A File that is lost keeps its descriptor open for ever, unless NewFile
// or WholeFile has made it.
type File struct {
	open *openFile
	off  int64
	left int64

	// In a queue: the bytes that follow the file, the next file, and, in the first one, the last.
	after      buffer.Queue
	next, last *File

	carries []*os.File // it is not a file, but stands for Descriptors that go with what follows
	pipe    Pipe       // it is not a file, but what an engine keeps in a pipe for a relay

	source *queuedSource // it is not a file, but stands for what a Source is going to give
}

// handles are Files that were released.
var handles = sync.Pool{New: func() any { return new(File) }}

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
	return handle(&openFile{fd: int(f.Fd()), name: f.Name(), f: f}, off, n), nil
}

// AdoptFile returns the first size bytes of the open file that fd is the descriptor of, and owns fd: for those who open
// files themselves and know what they are, without what an os.File costs. The caller has made sure that it is a regular
// file of that size; if it is shorter when it is sent, the channel closes with ErrFileShrank. name is what Name returns. It
// panics if size is negative. On systems other than Unix fd is a handle of the system, as os.NewFile takes it.
func AdoptFile(fd int, name string, size int64) *File {
	if size < 0 {
		panic(fmt.Sprintf("channel: AdoptFile of %d bytes", size))
	}
	return handle(adopt(fd, name), 0, size)
}

// handle returns a new File.
func handle(o *openFile, off, left int64) *File {
	o.users.Add(1)
	f := handles.Get().(*File)
	f.open, f.off, f.left = o, off, left
	return f
}

// Slice returns a File of its own with n of the remaining bytes, from the one at off on. f stays as it is. It panics
// unless 0 <= off, 0 <= n and off+n <= Size.
func (f *File) Slice(off, n int64) *File {
	f.mustOwn("Slice")
	if off < 0 || n < 0 || off > f.left || n > f.left-off {
		panic(fmt.Sprintf("channel: Slice(%d, %d) of a File of %d bytes", off, n, f.left))
	}
	return handle(f.open, f.off+off, n)
}

// Clone returns a File of its own with all the remaining bytes.
func (f *File) Clone() *File {
	f.mustOwn("Clone")
	return handle(f.open, f.off, f.left)
}

func (f *File) mustOwn(what string) {
	if f.open == nil {
		panic("channel: " + what + " of a released File")
	}
}

// Size returns the number of bytes that are still to be sent.
func (f *File) Size() int64 { return f.left }

// Offset returns where in the file the next byte comes from.
func (f *File) Offset() int64 { return f.off }

// Fd returns the file's descriptor, valid until the File is released. It is for engines. Other Files may have the same one.
func (f *File) Fd() int { return f.open.fd }

// Name returns the name of the file as it was opened.
func (f *File) Name() string { return f.open.name }

// Release gives the File up, and closes the open file if no other File has it.
func (f *File) Release() {
	if f.carries != nil {
		closeFiles(f.carries)
		f.carries = nil
		handles.Put(f)
		return
	}
	if f.pipe != nil {
		f.pipe.Release()
		f.pipe, f.left = nil, 0 // it is part of a relay, and used again there
		return
	}
	if s := f.source; s != nil {
		f.source, f.left = nil, 0
		handles.Put(f)
		s.source.Release()
		return
	}
	f.mustOwn("Release")
	o := f.open
	f.open, f.off, f.left = nil, 0, 0
	o.release()
	handles.Put(f)
}

// ReadTo appends up to n of the remaining bytes to b and counts them as sent. It returns ErrFileShrank if the file ends
// early. It is for stages that must see the bytes, and for engines without sendfile; it blocks while the disk does.
//
//bufvet:borrow b
func (f *File) ReadTo(b *buffer.Buf, n int) error {
	for n = int(min(int64(n), f.left)); n > 0; {
		p := b.Tail(min(n, 64<<10))
		m, err := f.open.readAt(p[:min(n, len(p))], f.off)
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
	n, err := f.open.readAt(p, f.off)
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

// A Part is what a pipeline can write to a channel: a *buffer.Buf, a *File, or *Descriptors. Nothing else is accepted.
type Part interface {
	// Size returns the number of bytes.
	Size() int64
	// Release gives the part up.
	Release()
}
