package static

import (
	"errors"
	"io"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/codec/http1"
)

var errChanged = errors.New("static: file has changed")

const (
	directBlock = 256 << 10 // bytes of a read
	directAlign = 4096      // of memory, offsets and lengths: a multiple of what file systems ask for, see root.direct
)

// direct is a body that is read past the page cache, in blocks, by the workers. One block is read while the one before is
// being sent, and none while the peer takes nothing.
//
//	worker   read 1 ─┐  read 2 ─┐          read 3 ─┐
//	loop             └─ Next ── send 1     └─ Next ── send 2 ...
//
// It belongs to the loop. A job has its own hold on the file, and brings what it has read to the loop by a call. Where direct
// I/O is refused, and when there is no memory for a block, the rest of the file is sent in the ordinary way.
type direct struct {
	files *Files
	loop  *channel.Loop
	resp  *http1.Response
	is    *entry
	plain *channel.File // the open file of the entry
	file  *channel.File // the same file, opened for direct I/O; nil before the first block
	off   int64         // of what was not read yet
	left  int64
	block *buffer.Buf // what was read and not sent
	err   error

	reading  bool // a job is under way
	refused  bool // no more of them
	awaited  bool // Next has returned nothing
	released bool
}

// newDirect returns a body of part of a file, which it owns.
func (f *Files) newDirect(l *channel.Loop, resp *http1.Response, it found, s span) *direct {
	return &direct{files: f, loop: l, resp: resp, is: it.entry, plain: it.file, off: s.off, left: s.n}
}

// Next implements http1.Source.
func (d *direct) Next() (channel.Part, error) {
	if b := d.block; b != nil {
		d.block = nil
		d.read()
		return b, nil
	}
	if !d.reading {
		d.read()
	}
	switch {
	case d.reading:
		d.awaited = true
		return nil, nil
	case d.err != nil:
		return nil, d.err
	case d.left > 0:
		rest := d.plain.Slice(d.off, d.left)
		d.left = 0
		return rest, nil
	}
	return nil, io.EOF
}

// read begins to read the next block, if there is one.
func (d *direct) read() {
	if d.left == 0 || d.refused || d.err != nil {
		return
	}
	skip := int(d.off % directAlign)
	n := int(min(d.left, int64(directBlock-skip)))
	b, err := d.loop.Cache().TryAllocAligned(roundUp(skip+n), directAlign)
	if err != nil {
		d.refused = true
		return
	}
	d.reading = true
	j := &fetch{d: d, path: d.is.path, is: d.is.stamp, off: d.off, n: n, b: b}
	if d.file != nil {
		j.file = d.file.Clone()
	}
	d.files.workers.do(j.run)
}

func roundUp(n int) int { return (n + directAlign - 1) &^ (directAlign - 1) }

// Release implements http1.Source.
func (d *direct) Release() {
	d.released = true
	d.plain.Release()
	if d.file != nil {
		d.file.Release()
	}
	if d.block != nil {
		d.block.Release()
	}
}

// take takes what a job has brought.
func (d *direct) take(j *fetch) {
	d.reading = false
	if d.file == nil && j.file != nil {
		d.file = j.file.Clone()
	}
	n := int64(j.b.Len())
	switch {
	case j.refused:
		d.refused = true
	case j.err != nil:
		d.err = channel.NewOpError("read file", j.err)
	case n == 0:
		d.err = channel.NewOpError("read file", channel.ErrFileShrank)
	default:
		d.block, j.b = j.b, nil
		d.off, d.left = d.off+n, d.left-n
	}
	if d.awaited {
		d.awaited = false
		d.resp.Resume()
	}
}
