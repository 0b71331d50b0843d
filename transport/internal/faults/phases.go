//go:build linux

package main

import (
	"fmt"
	"slices"
	"strings"
)

// A fault makes a share of some system calls fail.
type fault struct {
	calls string // names, separated by commas; engines use different ones for the same thing
	errno string
	when  string // "5+7" is the fifth of a thread, and every seventh after it
	fatal bool   // for the connection that it hits
	on    string // the server that is meant; empty means all
	not   string // engines that may make none of these calls
	spare string // engines that are spared
}

// A phase is a set of faults that go on together. strace knows one fault for each call at a time.
type phase struct {
	name   string
	faults []fault
}

// The calls by which engines move bytes and wait. The runtime of Go waits, and is woken, by some of them too, and ends the program if
// the write to its eventfd fails with anything but EINTR and EAGAIN.
const (
	receives = "recvfrom,recvmsg,readv"
	sends    = "sendto,sendmsg,writev"
	waits    = "epoll_wait,epoll_pwait,epoll_pwait2,io_uring_enter"
)

// phases are what can go wrong. Faults that lie are left out: retval= loses bytes, and a made-up EAGAIN is one after which no
// event follows.
var phases = []phase{
	{"interrupted", []fault{
		{calls: "accept4", errno: "EINTR", when: "1+2", not: "uring"},
		{calls: receives, errno: "EINTR", when: "2+3", not: "uring gnet"},
		{calls: sends, errno: "EINTR", when: "1+3", not: "uring"},
		// gnet closes a connection on the first, and never wakes its loop again after the second.
		{calls: "read", errno: "EINTR", when: "2+3", not: "uring std", spare: "gnet"},
		{calls: "write", errno: "EINTR", when: "1+3", not: "std", spare: "gnet"},
		{calls: "sendfile", errno: "EINTR", when: "1+2", on: "files", not: "gnet"},
		{calls: waits, errno: "EINTR", when: "2+3"},
		{calls: "openat,openat2", errno: "EINTR", when: "2+3", on: "files"},
	}},
	{"descriptors", []fault{
		{calls: "accept4", errno: "EMFILE", when: "1+3", not: "uring"},
		{calls: "openat", errno: "EMFILE", when: "2+7", on: "files"},
		{calls: "fcntl", errno: "EMFILE", when: "1+2", on: "files", not: "std", spare: "gnet"},
		{calls: "fcntl", errno: "EMFILE", when: "2+4", fatal: true, spare: "epoll std uring"}, // gnet takes duplicates only
		{calls: "sendfile", errno: "EINVAL", when: "1+2", on: "files", not: "gnet"},
		{calls: "io_uring_enter", errno: "EBUSY", when: "2+3", spare: "epoll gnet std"},
	}},
	{"broken pipes", []fault{
		{calls: "accept4", errno: "ENFILE", when: "2+3", not: "uring"},
		{calls: sends, errno: "EPIPE", when: "5+30", fatal: true, not: "uring"},
		{calls: "sendfile", errno: "EPIPE", when: "3+20", fatal: true, on: "files", not: "gnet"},
		{calls: "openat", errno: "ENFILE", when: "2+7", on: "files"},
	}},
	{"resets", []fault{
		{calls: "accept4", errno: "ECONNABORTED", when: "1+2", not: "uring"},
		{calls: sends, errno: "ECONNRESET", when: "6+25", fatal: true, not: "uring"},
		{calls: "recvfrom,recvmsg", errno: "ECONNRESET", when: "6+50", fatal: true, not: "uring gnet std"},
		{calls: "read", errno: "ECONNRESET", when: "6+50", fatal: true, spare: "epoll std uring"},
		{calls: "sendfile", errno: "ECONNRESET", when: "3+20", fatal: true, on: "files", not: "gnet"},
		{calls: "io_uring_enter", errno: "EAGAIN", when: "2+3", spare: "epoll gnet std"},
	}},
	{"no buffers", []fault{
		{calls: "accept4", errno: "ENOBUFS", when: "1+3", not: "uring"},
		{calls: sends, errno: "ENOBUFS", when: "5+30", fatal: true, not: "uring"},
		{calls: "sendfile", errno: "ENOMEM", when: "3+20", fatal: true, on: "files", not: "gnet"},
	}},
	{"no memory", []fault{
		{calls: "accept4", errno: "ENOMEM", when: "2+3", not: "uring"},
		{calls: "epoll_ctl", errno: "ENOMEM", when: "6+15", fatal: true, not: "uring"},
		{calls: "recvfrom,recvmsg", errno: "ENOMEM", when: "6+50", fatal: true, not: "uring gnet std"},
	}},
	{"no sendfile", []fault{
		{calls: "accept4", errno: "EPERM", when: "1+3", not: "uring"}, // a firewall's word
		{calls: "sendfile", errno: "EINVAL", when: "1+1", on: "files", not: "gnet"},
		{calls: waits, errno: "EINTR", when: "1+2"},
	}},
}

// calls runs all phases against one pair of servers.
func (t *trial) calls() error {
	all, err := t.subjects("frames", "files")
	if err != nil {
		return err
	}
	return each(all, func(s *subject) error {
		for i, p := range phases {
			if !strings.Contains(p.name, t.only) {
				continue
			}
			if err := s.suffer(1+i, p); err != nil {
				return s.dump(fmt.Errorf("phase %q: %w", p.name, err))
			}
		}
		if err := s.starve(1 + len(phases)); err != nil {
			return s.dump(fmt.Errorf("few descriptors: %w", err))
		}
		return s.finish()
	})
}

// of returns the faults for a server on an engine.
func (p phase) of(server, engine string) (faults []fault) {
	for _, f := range p.faults {
		if (f.on == "" || f.on == server) && !slices.Contains(strings.Fields(f.spare), engine) {
			faults = append(faults, f)
		}
	}
	return faults
}

// suffer runs a load while system calls fail.
func (s *subject) suffer(n int, p phase) error {
	faults := p.of(s.name, s.engine())
	o := options{conns: s.trial.conns, length: s.trial.length, least: 4}
	for _, f := range faults {
		o.busy = o.busy || strings.HasPrefix(f.calls, "openat") && f.errno != "EINTR"
	}
	tracer, err := s.inject(faults)
	if err != nil {
		return err
	}
	r, loadErr := s.load(n, o)
	counts, err := tracer.stop(s.server)
	if loadErr != nil {
		return loadErr
	}
	if err != nil {
		return err
	}
	report(s, p.name, r, counts.String())
	return s.judge(faults, r, counts)
}

// judge compares what clients have seen with what was injected.
func (s *subject) judge(faults []fault, r result, counts injected) error {
	fatal, refused := 0, 0
	for _, f := range faults {
		hits := 0
		for call := range strings.SplitSeq(f.calls, ",") {
			hits += counts[call+" "+f.errno]
		}
		if f.fatal {
			fatal += hits
		}
		if strings.HasPrefix(f.calls, "openat") {
			refused += hits
		}
		if hits == 0 && !slices.Contains(strings.Fields(f.not), s.engine()) {
			return fmt.Errorf("%s was never made to fail with %s: this tests nothing", f.calls, f.errno)
		}
	}
	switch {
	case r.cut > fatal:
		return fmt.Errorf("%d connections were cut, but only %d calls failed fatally; the last: %w", r.cut, fatal, r.why)
	case r.busy > refused:
		return fmt.Errorf("%d files were refused, but only %d calls failed", r.busy, refused)
	case r.sessions-r.cut < 10:
		return fmt.Errorf("only %d connections were served", r.sessions-r.cut)
	}
	return nil
}

// engine is the name of the engine that runs: the default is epoll.
func (s *subject) engine() string {
	if s.trial.engine == "" {
		return "epoll"
	}
	return s.trial.engine
}
