//go:build linux

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"github.com/ropewalk/ropewalk/buffer"
)

// limit is how long anything may take that should take no time.
const limit = 15 * time.Second

// server is an example that runs.
type server struct {
	name, addr, log string
	cmd             *exec.Cmd
	gone            chan struct{} // closed when it has ended
	ended           error
}

var listens = regexp.MustCompile(`listening on (127\.0\.0\.1:\d+)\s`)

// start starts an example on any port and waits until it listens. Every handle to a buffer is watched, and the collector
// runs often, so that lost ones are reported. If denied is not zero, the system call with that number says ENOSYS.
func (t *trial) start(name string, denied int, arguments ...string) (*server, error) {
	s := &server{name: name, log: filepath.Join(t.out, name+".log"), gone: make(chan struct{})}
	file, err := os.Create(s.log)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	arguments = append([]string{"-addr", "127.0.0.1:0", "-loops", "2"}, arguments...)
	if t.engine != "" {
		arguments = append(arguments, "-engine", t.engine)
	}
	command := append([]string{filepath.Join(t.bin, name)}, arguments...)
	if denied != 0 {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		command = append([]string{self, strconv.Itoa(denied)}, command...)
	}
	s.cmd = exec.Command(command[0], command[1:]...)
	s.cmd.Env = append([]string{buffer.Environment + "=leaksample=1", "GOGC=5"}, os.Environ()...) // which may say otherwise
	s.cmd.Stderr = file
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		s.ended = s.cmd.Wait()
		close(s.gone)
	}()
	err = until(limit, func() error {
		text, err := os.ReadFile(s.log)
		if m := listens.FindSubmatch(text); m != nil {
			s.addr = string(m[1])
			return nil
		}
		if err == nil && s.alive() != nil {
			err = fmt.Errorf("%w:\n%s", s.alive(), text)
		}
		return errors.Join(errors.New(name+" does not listen"), err)
	})
	return s, err
}

// until calls f until it returns nil, and returns its last error if that takes longer than patience.
func until(patience time.Duration, f func() error) error {
	for end := time.Now().Add(patience); ; {
		err := f()
		if err == nil || time.Now().After(end) {
			return err
		}
		<-time.After(10 * time.Millisecond)
	}
}

// alive returns an error if the server has ended.
func (s *server) alive() error {
	select {
	case <-s.gone:
		return fmt.Errorf("it has ended: %v, see %s", s.ended, s.log)
	default:
		return nil
	}
}

// stop ends the server as its owner would, and expects it to end well.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return errors.Join(err, s.alive())
	}
	select {
	case <-s.gone:
		if s.ended != nil {
			return fmt.Errorf("after SIGTERM: %v, see %s", s.ended, s.log)
		}
		return nil
	case <-time.After(limit):
		return s.dump(errors.New("SIGTERM did not end it"))
	}
}

// dump has the server write the stacks of its goroutines, and end.
func (s *server) dump(err error) error {
	s.cmd.Process.Signal(syscall.SIGQUIT)
	select {
	case <-s.gone:
	case <-time.After(limit):
		s.cmd.Process.Kill()
		<-s.gone
	}
	return fmt.Errorf("%w\nthe end of its log, and its stacks, are in %s", err, s.log)
}

// expected are the lines that a server may log under faults.
var expected = regexp.MustCompile(`listening on |accept failed|accepting waits|connection refused|connection closed|epoll_ctl|buffers: \d+ bytes held`)

// checkLog looks for lines in the log that are not expected, such as those of a panic or a lost buffer.
func (s *server) checkLog() error {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return err
	}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if !expected.Match(lines.Bytes()) {
			return fmt.Errorf("unexpected in its log, %s: %s", s.log, lines.Text())
		}
	}
	return nil
}
