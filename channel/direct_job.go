package channel

import (
	"errors"
	"io"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
)

// A directJob is the work of a worker for a Direct: to read one block. What it reads with and into is its own meanwhile: of the
// Direct it knows nothing until it is on the loop again.
type directJob struct {
	plain   *File // what the file is to be opened by, nil if it is open
	file    *File // opened for direct I/O
	off     int64
	n       int // bytes wanted
	b       *buffer.Buf
	refused bool
	err     error

	unwanted atomic.Bool // the Direct was released while the job was in line

	loop *Loop
	run  func()
	land func(*Channel, error)
}

func newDirectJob(d *Direct) *directJob {
	j := &directJob{loop: d.loop}
	j.run = func() {
		if !j.unwanted.Load() && j.open() {
			j.read()
		}
		j.bring()
	}
	j.land = func(_ *Channel, err error) {
		if err == nil && !d.released { // after the loop's end others may use d
			d.take(j)
		} else {
			j.drop()
		}
	}
	return j
}

// open opens the file, unless it is open. If that fails, whatever the reason, the file is sent without direct I/O.
func (j *directJob) open() bool {
	if j.plain == nil {
		return true
	}
	var err error
	j.file, err = openDirect(j.plain)
	j.plain.Release()
	j.plain = nil
	j.refused = err != nil
	return err == nil
}

// read reads from the last multiple of directAlign on, and drops what was not wanted.
func (j *directJob) read() {
	skip := int(j.off % directAlign)
	p := j.b.Tail(roundUp(skip + j.n))[:roundUp(skip+j.n)]
	m, err := readDirect(j.file, p, j.off-int64(skip))
	switch {
	case errors.Is(err, syscall.EINVAL): // some file systems only say it here
		j.refused = true
	case err != nil && err != io.EOF:
		j.err = err
	case m > skip:
		j.b.Commit(min(m, skip+j.n))
		j.b.Discard(skip)
	}
}

const bringRetry = 20 * time.Millisecond

// bring takes the job to the loop. If that has ended nobody wants what was read.
func (j *directJob) bring() {
	switch err := j.loop.post(call{f: j.land}); err {
	case nil:
	case ErrRemoteFull: // the loop has much to do, but it is still there
		time.AfterFunc(bringRetry, j.bring)
	default:
		j.drop()
	}
}

// drop gives up what the job has.
func (j *directJob) drop() {
	if j.plain != nil {
		j.plain.Release()
		j.plain = nil
	}
	if j.file != nil {
		j.file.Release()
		j.file = nil
	}
	if j.b != nil {
		j.b.Release()
		j.b = nil
	}
}
