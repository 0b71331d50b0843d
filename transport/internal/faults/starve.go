//go:build linux

package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// starve runs a load while the server may open hardly more descriptors than it has at rest, setrlimit(2). These EMFILE are the
// kernel's own, so that also calls fail which strace cannot reach: those inside of a ring of io_uring.
func (s *subject) starve(n int) error {
	const few = 6
	limited := unix.Rlimit{}
	for s.free(limited.Cur) < few {
		limited.Cur++
	}
	var before unix.Rlimit
	if err := unix.Prlimit(s.cmd.Process.Pid, unix.RLIMIT_NOFILE, nil, &before); err != nil {
		return err
	}
	limited.Max = before.Max
	if err := unix.Prlimit(s.cmd.Process.Pid, unix.RLIMIT_NOFILE, &limited, nil); err != nil {
		return err
	}
	logged := s.logged(unix.EMFILE)
	over, least := make(chan struct{}), make(chan int)
	go func() {
		left := few
		for {
			select {
			case <-over:
				least <- left
				return
			case <-time.After(time.Millisecond):
				left = min(left, s.free(limited.Cur))
			}
		}
	}()
	r, err := s.load(n, options{conns: s.trial.conns, length: s.trial.length, busy: true})
	close(over)
	left := <-least
	if again := unix.Prlimit(s.cmd.Process.Pid, unix.RLIMIT_NOFILE, &before, nil); err == nil {
		err = again
	}
	switch {
	case err != nil:
		return err
	case left > 0 && r.busy == 0 && s.logged(unix.EMFILE) == logged:
		return fmt.Errorf("of %d descriptors %d were always free, and nothing was refused: this tests nothing", few, left)
	case r.cut > 0 && s.engine() != "gnet": // which needs a second descriptor for each connection that was accepted
		return fmt.Errorf("%d connections were cut for want of descriptors: %w", r.cut, r.why)
	case r.sessions-r.cut < 10:
		return fmt.Errorf("only %d connections were served", r.sessions-r.cut)
	}
	report(s, "few descriptors", r, fmt.Sprintf("%d files refused", r.busy))
	return nil
}

// free returns how many descriptors the server may still open below a limit.
func (s *server) free(limit uint64) int {
	n := int(limit)
	for _, fd := range s.descriptors() {
		if uint64(fd) < limit {
			n--
		}
	}
	return n
}

// logged counts lines of the log with an error.
func (s *server) logged(err error) int {
	text, _ := os.ReadFile(s.log)
	return strings.Count(string(text), err.Error())
}
