//go:build linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tracer is a strace(1) that is attached to a server.
type tracer struct {
	cmd *exec.Cmd
	log string // of each thread, without its number
}

// injected counts calls that were made to fail, by the call's name and the error's.
type injected map[string]int

// inject attaches strace to all threads of a server, and returns when their calls begin to fail.
func (s *subject) inject(faults []fault) (*tracer, error) {
	t := &tracer{log: filepath.Join(s.trial.out, s.name+".strace")}
	if err := t.forget(); err != nil {
		return nil, err
	}
	var names []string
	for _, f := range faults {
		names = append(names, f.calls)
	}
	// A file for each thread, so that lines stay whole, and in it the calls that fail.
	arguments := []string{"-ff", "-o", t.log, "-Z", "-e", "raw=all", "-e", "trace=" + strings.Join(names, ","),
		"-p", strconv.Itoa(s.cmd.Process.Pid)}
	for _, f := range faults {
		arguments = append(arguments, "--inject="+f.calls+":error="+f.errno+":when="+f.when)
	}
	t.cmd = exec.Command("strace", arguments...)
	t.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	t.cmd.Stderr = w
	err = t.cmd.Start()
	w.Close()
	if err != nil {
		r.Close()
		return nil, err
	}
	// It says "Process N attached", perhaps with a number of threads, once it has all of them.
	r.SetReadDeadline(time.Now().Add(limit))
	said, err := bufio.NewReader(r).ReadString('\n')
	if err != nil || !strings.Contains(said, "attached") {
		t.cmd.Process.Kill()
		t.cmd.Wait()
		r.Close()
		return nil, errors.Join(fmt.Errorf("strace -p %d does not attach, which this needs (CAP_SYS_PTRACE, and a sandbox that allows it): %s",
			s.cmd.Process.Pid, strings.TrimSpace(said)), err)
	}
	r.SetReadDeadline(time.Time{})
	go func() { // it may have more to say, and must not wait
		io.Copy(io.Discard, r)
		r.Close()
	}()
	return t, nil
}

var fails = regexp.MustCompile(`^(\w+)\(.* = -1 (E\w+) .*\(INJECTED\)$`)

// forget removes the logs of an earlier phase.
func (t *tracer) forget() error {
	old, err := filepath.Glob(t.log + ".*")
	for _, name := range old {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

// stop lets the server go and counts what has happened to it. First it waits until the server rests: a call that strace has begun
// to make fail, and does not see the end of, fails with ENOSYS.
func (t *tracer) stop(s *server) (injected, error) {
	quiet := s.quiet()
	t.cmd.Process.Signal(syscall.SIGINT) // it detaches
	late := time.AfterFunc(limit, func() { t.cmd.Process.Kill() })
	err := t.cmd.Wait() // it ends by the signal, as is its way
	if !late.Stop() {
		return nil, fmt.Errorf("strace does not let go: %w", err)
	}
	if quiet != nil {
		return nil, quiet
	}
	logs, err := filepath.Glob(t.log + ".*")
	counts := make(injected)
	for _, name := range logs {
		text, failed := os.ReadFile(name)
		err = errors.Join(err, failed)
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			if m := fails.FindStringSubmatch(line); m != nil {
				counts[m[1]+" "+m[2]]++
			} else if strings.Contains(line, "INJECTED") {
				err = errors.Join(err, fmt.Errorf("cannot read what strace has written: %s", line))
			}
		}
	}
	return counts, err
}

func (i injected) String() string {
	var all []string
	for what, n := range i {
		all = append(all, fmt.Sprintf("%d %s", n, what))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
