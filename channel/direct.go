package channel

import (
	"io"

	"github.com/ropewalk/ropewalk/buffer"
)

const (
	directBlock = 256 << 10 // bytes of a read
	directWide  = 1 << 20   // the same while more than directLong is left
	directLong  = 8 << 20
	directAlign = 4096 // of memory, offsets and lengths: a multiple of what file systems ask for, see openDirect
)

// A Direct is a Source of part of a file that is read past the page cache (open(2), O_DIRECT), in blocks of 256 KiB, of 1 MiB while
// more than 8 MiB are left, by Workers beside the loop: for large files that are seldom read twice, which would push others
// out of memory. One block is read while the one before is being sent, and none while the peer takes nothing, so it holds two of
// them at most.
//
//	worker   open, read 1 ─┐  read 2 ─┐          read 3 ─┐
//	loop                   └─ Next ── send 1     └─ Next ── send 2 ...
//
// The file is opened once more for that, by the descriptor of the File, on Linux and where /proc is mounted. Reads begin and end
// at multiples of 4096 bytes, in memory that does; what was not asked for is dropped. Where the file system refuses direct I/O or
// wants larger multiples (statx(2), STATX_DIOALIGN), and when the pool has no memory for a block, the rest of the file is given
// as a File, which is sent in the ordinary way: then Refused returns true.
//
// A Direct belongs to its loop. It may be released while a block is being read: the worker keeps the file open, and the memory in
// place, until the kernel is done with both. So after the end of a loop a block may be in use for a moment more.
type Direct struct {
	loop    *Loop
	workers *Workers
	ready   func()
	plain   *File // as it was given
	file    *File // the same, opened for direct I/O; nil before the first block, and while a block is being read
	off     int64 // of what was not read yet
	left    int64
	block   *buffer.Buf // what was read and not given
	err     error
	job     *directJob // used for one block after another

	reading  bool // a job is under way
	refused  bool // no more of them
	awaited  bool // Next has returned nothing
	released bool
}

// NewDirect returns a Source of what is left of f, which it owns, for channels of l. ready is called on the loop when there is
// something after Next has returned nil, nil: Channel.ResumeSource, or what the one that asks wants to be told by. Blocks are read
// by w; nil means workers that all loops share. It must be called on the loop. See Channel.WriteDirect for the usual way.
func NewDirect(l *Loop, w *Workers, f *File, ready func()) *Direct {
	if w == nil {
		w = &sharedWorkers
	}
	return &Direct{loop: l, workers: w, ready: ready, plain: f, off: f.Offset(), left: f.Size(), refused: !directIO}
}

// WriteDirect is WriteFile for a file that is to be read past the page cache, see Direct.
func (ch *Channel) WriteDirect(f *File) error {
	return ch.WriteSource(NewDirect(ch.loop, nil, f, ch.ResumeSource), f.Size())
}

// Refused tells whether the rest of the file, or all of it, goes through the page cache.
func (d *Direct) Refused() bool { return d.refused }

// Next implements Source. Its errors are an *OpError; ErrFileShrank if the file ends early.
func (d *Direct) Next() (Part, error) {
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
		rest := d.plain.Slice(d.off-d.plain.Offset(), d.left)
		d.left = 0
		return rest, nil
	}
	return nil, io.EOF
}

// Release implements Source.
func (d *Direct) Release() {
	d.released = true
	if d.job != nil {
		d.job.unwanted.Store(true)
	}
	d.plain.Release()
	if d.file != nil {
		d.file.Release()
		d.file = nil
	}
	if d.block != nil {
		d.block.Release()
		d.block = nil
	}
}

// read begins to read the next block, if there is one.
func (d *Direct) read() {
	if d.left == 0 || d.refused || d.err != nil {
		return
	}
	skip := int(d.off % directAlign)
	block := directBlock
	if d.left > directLong {
		block = directWide
	}
	n := int(min(d.left, int64(block-skip)))
	b, err := d.loop.cache.TryAllocAligned(roundUp(skip+n), directAlign)
	if err != nil {
		d.refused = true
		return
	}
	if d.job == nil {
		d.job = newDirectJob(d)
	}
	j := d.job
	j.file, d.file = d.file, nil
	if j.file == nil {
		j.plain = d.plain.Clone()
	}
	j.off, j.n, j.b = d.off, n, b
	d.reading = true
	d.workers.Do(j.run)
}

func roundUp(n int) int { return (n + directAlign - 1) &^ (directAlign - 1) }

// take takes what a job has brought, on the loop.
func (d *Direct) take(j *directJob) {
	d.reading = false
	d.file, j.file = j.file, nil
	n := int64(j.b.Len())
	switch {
	case j.refused:
		d.refused = true
	case j.err != nil:
		d.err = NewOpError("read file", j.err)
	case n == 0:
		d.err = NewOpError("read file", ErrFileShrank)
	default:
		d.block, j.b = j.b, nil
		d.off, d.left = d.off+n, d.left-n
	}
	j.drop()
	if d.awaited {
		d.awaited = false
		d.ready()
	}
}
