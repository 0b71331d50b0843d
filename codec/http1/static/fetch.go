package static

import (
	"errors"
	"syscall"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/channel"
)

// A fetch is the job of a worker: to read one block of a direct body. Of the body itself it knows nothing until it is on the loop
// again.
type fetch struct {
	d       *direct
	path    string
	is      stamp
	file    *channel.File // nil if it is to be opened first
	off     int64
	n       int // bytes wanted
	b       *buffer.Buf
	refused bool
	err     error
}

// run does the job.
func (j *fetch) run() {
	j.open()
	if !j.refused {
		j.read()
	}
	j.bring()
}

// open opens the file, unless it is open. If that fails, whatever the reason, the file is sent without direct I/O.
func (j *fetch) open() {
	root := j.d.files.root
	if j.file != nil {
		return
	}
	if !root.enter() {
		j.refused = true
		return
	}
	var err error
	j.file, err = root.direct(j.path, &j.is)
	j.refused = err != nil
	root.leave()
}

// read reads from the last multiple of directAlign on, and drops what was not wanted.
func (j *fetch) read() {
	skip := int(j.off % directAlign)
	p := j.b.Tail(roundUp(skip + j.n))[:roundUp(skip+j.n)]
	m, err := readAt(j.file, p, j.off-int64(skip))
	if errors.Is(err, syscall.EINVAL) { // some file systems only say it here
		j.refused = true
	} else if j.err = err; err == nil && m > skip {
		j.b.Commit(min(m, skip+j.n))
		j.b.Discard(skip)
	}
}

const bringRetry = 20 * time.Millisecond

// bring takes the job to the loop.
func (j *fetch) bring() {
	j.d.loop.Do(func(err error) {
		switch {
		case err == nil && !j.d.released:
			j.d.take(j)
		case errors.Is(err, channel.ErrRemoteFull): // the loop has much to do, but it is still there
			time.AfterFunc(bringRetry, j.bring)
			return
		}
		if j.file != nil {
			j.file.Release()
		}
		if j.b != nil {
			j.b.Release()
		}
	})
}
