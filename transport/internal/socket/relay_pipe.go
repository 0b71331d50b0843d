//go:build linux

package socket

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/channel"
)

// pipe is a pipe of the kernel. It has one owner: the pool, a queue, or a tap.
type pipe struct {
	home *pipes
	r, w int
	size int // bytes that it has room for, in pages that are all full
	held int // bytes in it
}

var _ channel.Pipe = (*pipe)(nil)

const (
	pipeSize   = 1 << 20
	leastPipe  = 64 << 10        // with less than that it is not worth it
	maxPipes   = 256             // of a loop, two descriptors each
	sparePipes = 16              // of these, how many are kept that are not in use
	pipeRetry  = 1 * time.Second // when to try again after a pipe was refused
)

// pipes are those of a loop. Pipes come back from taps on other goroutines.
type pipes struct {
	mu     sync.Mutex
	spare  []*pipe
	open   int
	closed bool
	retry  time.Duration // on the loop's clock
}

// takePipe returns an empty pipe, nil if there is none to be had.
func (l *Loop) takePipe() *pipe {
	ps := &l.pipes
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if n := len(ps.spare); n > 0 {
		p := ps.spare[n-1]
		ps.spare = ps.spare[:n-1]
		return p
	}
	if ps.open >= maxPipes || l.Now() < ps.retry {
		return nil
	}
	l.Calls.Control += 2
	p := makePipe(ps)
	if p == nil {
		ps.retry = l.Now() + pipeRetry
		return nil
	}
	ps.open++
	return p
}

// makePipe returns a new pipe, nil if the process has no descriptors for it, or may not have one of a useful size: what a user
// has in pipes is bounded (pipe-user-pages-soft, pipe(7)).
func makePipe(home *pipes) *pipe {
	var fds [2]int
	if unix.Pipe2(fds[:], unix.O_NONBLOCK|unix.O_CLOEXEC) != nil {
		return nil
	}
	p := &pipe{home: home, r: fds[0], w: fds[1]}
	size, err := unix.FcntlInt(uintptr(p.w), unix.F_SETPIPE_SZ, pipeSize)
	if err != nil {
		size, err = unix.FcntlInt(uintptr(p.w), unix.F_GETPIPE_SZ, 0)
	}
	if err != nil || size < leastPipe {
		p.close()
		return nil
	}
	p.size = size
	return p
}

func (p *pipe) close() {
	unix.Close(p.r)
	unix.Close(p.w)
}

// put takes pipes back, of which some may be nil. One that is not empty is closed.
func (ps *pipes) put(these ...*pipe) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for _, p := range these {
		switch {
		case p == nil:
		case p.held > 0 || ps.closed || len(ps.spare) >= sparePipes:
			p.close()
			ps.open--
		default:
			ps.spare = append(ps.spare, p)
		}
	}
}

// close closes the pipes that are not in use; the others are when they come back.
func (ps *pipes) close() {
	ps.mu.Lock()
	spare := ps.spare
	ps.spare, ps.closed = nil, true
	ps.mu.Unlock()
	ps.put(spare...)
}

// Release implements channel.Pipe.
func (p *pipe) Release() { p.home.put(p) }

// WriteTo implements channel.Pipe: it moves the bytes into a file inside of the kernel, or copies them.
func (p *pipe) WriteTo(w io.Writer) (n int64, err error) {
	if f, ok := w.(*os.File); ok {
		if n, err = p.spliceTo(f); err == nil || !errors.Is(err, unix.EINVAL) {
			return n, err
		}
	} // a file that was opened to append, or a strange one
	room := make([]byte, min(p.held, leastPipe))
	for p.held > 0 {
		m, err := unix.Read(p.r, room)
		if err == unix.EINTR {
			continue
		}
		if err != nil || m == 0 {
			return n, os.NewSyscallError("read pipe", err)
		}
		p.held -= m
		k, err := w.Write(room[:m])
		if n += int64(k); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (p *pipe) spliceTo(f *os.File) (n int64, err error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	for p.held > 0 {
		var m int
		var failed error
		err = raw.Write(func(fd uintptr) bool {
			for {
				k, err := unix.Splice(p.r, nil, int(fd), nil, p.held, unix.SPLICE_F_MOVE) // it may wait for the disk
				m, failed = int(k), err
				if failed != unix.EINTR {
					return failed != unix.EAGAIN
				}
			}
		})
		if err == nil {
			err = os.NewSyscallError("splice", failed)
		}
		if err == nil && m == 0 {
			err = io.ErrShortWrite
		}
		if err != nil {
			return n, err
		}
		p.held -= m
		n += int64(m)
	}
	return n, nil
}
