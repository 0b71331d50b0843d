//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// proc returns the name of a file that tells about the server, proc(5).
func (s *server) proc(name string) string { return fmt.Sprintf("/proc/%d/%s", s.cmd.Process.Pid, name) }

// state is what a server holds on to.
type state []string

// descriptors returns the open descriptors of the server, none if it has ended.
func (s *server) descriptors() (all []int) {
	open, _ := os.ReadDir(s.proc("fd"))
	for _, one := range open {
		if fd, err := strconv.Atoi(one.Name()); err == nil {
			all = append(all, fd)
		}
	}
	return all
}

// holds lists what the open descriptors of the server are.
func (s *server) holds() (open state, err error) {
	for _, fd := range s.descriptors() {
		if what, err := os.Readlink(s.proc(fmt.Sprintf("fd/%d", fd))); err == nil {
			open = append(open, what)
		}
	}
	if open == nil {
		err = errors.Join(errors.New("no descriptors are told by /proc"), s.alive())
	}
	slices.Sort(open)
	return open, err
}

// settled waits until the server has no more descriptors open than it had before: a channel may linger 5 s.
func (s *server) settled(before state) error {
	return until(limit, func() error {
		now, err := s.holds()
		if err == nil && len(now) > len(before) {
			err = fmt.Errorf("descriptors leaked: %d before\n%s\n%d now, all clients gone\n%s", len(before), strings.Join(before, "\n"),
				len(now), strings.Join(now, "\n"))
		}
		return errors.Join(err, s.alive())
	})
}

// used returns the processor time of all threads, and how often they were given a processor.
func (s *server) used() (sum time.Duration, turns int64, err error) {
	all, err := filepath.Glob(s.proc("task/*/schedstat"))
	for _, name := range all {
		text, _ := os.ReadFile(name) // a thread may have ended
		if f := strings.Fields(string(text)); len(f) == 3 {
			ns, _ := strconv.ParseInt(f[0], 10, 64)
			n, _ := strconv.ParseInt(f[2], 10, 64)
			sum, turns = sum+time.Duration(ns), turns+n
		}
	}
	if sum == 0 {
		err = errors.Join(err, errors.New("no processor time is told by /proc"))
	}
	return sum, turns, err
}

// quiet waits until no thread does anything: all sleep, and none has had a processor meanwhile.
func (s *server) quiet() error {
	return until(limit, func() error {
		asleep := s.asleep()
		_, before, err := s.used()
		<-time.After(25 * time.Millisecond)
		_, after, again := s.used()
		if !asleep || !s.asleep() || after != before {
			err = errors.New("it does not come to rest without clients")
		}
		return errors.Join(err, again, s.alive())
	})
}

// asleep tells whether all threads wait in calls, rather than run, or for a processor, or for a tracer.
func (s *server) asleep() bool {
	all, _ := filepath.Glob(s.proc("task/*/stat"))
	for _, name := range all {
		text, err := os.ReadFile(name)
		if _, state, _ := strings.Cut(string(text), ") "); err == nil && !strings.HasPrefix(state, "S") { // see proc(5)
			return false
		}
	}
	return len(all) > 0
}

// rests watches the server for a while in which nothing happens. A loop that spins uses all of the time or, on a busy machine, a share
// of it; timers and the collector use a few milliseconds.
func (s *server) rests() error {
	const while = 250 * time.Millisecond
	var spent time.Duration
	err := until(4*while, func() error { // the collector may be at work: once is enough
		before, _, err := s.used()
		if err != nil {
			return err
		}
		<-time.After(while)
		after, _, err := s.used()
		if spent = after - before; err == nil && spent > while/10 {
			err = fmt.Errorf("it spins: %v of processor time in %v without clients", spent, while)
		}
		return err
	})
	return errors.Join(err, s.alive())
}
