//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// options say what a load is like.
type options struct {
	conns  int           // at a time
	length time.Duration // how long new ones are begun
	least  int           // how many are begun in each place, however long that takes
	large  int           // most bytes of a message; 0 is 200 KiB
	slow   bool          // some clients read slowly
	small  bool          // sockets have small buffers: it is looked at
	busy   bool          // "ERR busy" is an answer, since openat fails
}

// result is what has come of a load.
type result struct {
	sessions, resets, cut, busy int
	bytes                       int64
	why                         error // of the last that was cut
	longest                     time.Duration
}

const lastPhase = 1000

// load keeps connections coming and going, and returns when all have ended.
func (s *subject) load(phase int, o options) (result, error) {
	if o.large == 0 {
		o.large = 200 << 10
	}
	var (
		mu   sync.Mutex
		sum  result
		errs []error
		wait sync.WaitGroup
		end  = time.Now().Add(o.length)
	)
	ctx, cancel := context.WithTimeout(context.Background(), o.length+limit)
	defer cancel()
	for i := range o.conns {
		wait.Go(func() {
			r := s.random(phase, i)
			for n := 0; (n < max(o.least, 1) || time.Now().Before(end)) && ctx.Err() == nil; n++ {
				c := &client{options: o, Rand: r, content: s.trial.content}
				err := s.run(ctx, c)
				mu.Lock()
				sum.add(c.result)
				if err != nil {
					errs = append(errs, fmt.Errorf("client %d: %w", i, err))
					cancel()
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	if errs != nil {
		return sum, errors.Join(errs[0], s.alive()) // the others may follow from it
	}
	return sum, s.alive()
}

func (r *result) add(o result) {
	r.sessions += o.sessions
	r.resets += o.resets
	r.cut += o.cut
	r.busy += o.busy
	r.bytes += o.bytes
	r.longest = max(r.longest, o.longest)
	if o.why != nil {
		r.why = o.why
	}
}

// run has one connection from its begin to its end.
func (s *subject) run(ctx context.Context, c *client) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", s.addr)
	c.sessions = 1
	begin := time.Now()
	defer func() { c.longest = time.Since(begin) }()
	queues := ""
	if err == nil {
		c.TCPConn = conn.(*net.TCPConn)
		deadline, _ := ctx.Deadline()
		c.SetDeadline(deadline)
		stop := context.AfterFunc(ctx, func() { c.SetDeadline(time.Now()) }) // another has failed
		c.written, c.moved, c.over = make(chan error, 1), make(chan struct{}, 1), make(chan struct{})
		if c.slow && c.IntN(4) == 0 {
			c.dawdles = 200
		}
		if c.small {
			err = checkSmall(c.TCPConn)
		}
		if err == nil {
			err = s.session(c)
		}
		stop()
		close(c.over)
		if err != nil {
			queues = sockets(c.LocalAddr())
		}
		c.Close()
	}
	var bad wrong
	switch {
	case err == nil:
		return nil
	case errors.As(err, &bad):
		return err
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("stuck: %w\n%s", err, queues) // or another client has failed
	case errors.Is(err, errCut), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ENOTCONN):
		c.cut, c.why = 1, err
		return nil
	}
	return err
}

// sockets returns what the kernel tells about both sides of a connection: among others the queues for output and input, the timer
// that runs, and how often it has retransmitted, see proc_net_tcp in the kernel's documentation.
func sockets(a net.Addr) string {
	text, _ := os.ReadFile("/proc/thread-self/net/tcp")
	told := ""
	port := fmt.Sprintf(":%04X ", a.(*net.TCPAddr).Port)
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, port) && !strings.Contains(line, " 06 ") { // those in TIME-WAIT had the port earlier
			told += line
		}
	}
	return told
}

// errCut says that the stream has ended too early.
var errCut = errors.New("the connection was closed")
