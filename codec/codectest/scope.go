package codectest

import (
	"fmt"
	"testing"
)

// A scope is a testing.TB for one run: its failures say what the run was, and its cleanups run when it ends.
type scope struct {
	testing.TB
	what     string
	failed   bool
	muted    bool // what is wrong was told by another scope
	cleanups []func()
}

func (s *scope) Helper()          {}
func (s *scope) Failed() bool     { return s.failed }
func (s *scope) Cleanup(f func()) { s.cleanups = append(s.cleanups, f) }

func (s *scope) Errorf(format string, args ...any) {
	if s.muted {
		return
	}
	s.TB.Helper()
	s.failed = true
	s.TB.Errorf("%s: %s", s.what, fmt.Sprintf(format, args...))
}

func (s *scope) Error(args ...any) { s.Errorf("%s", fmt.Sprint(args...)) }

func (s *scope) Fatalf(format string, args ...any) {
	s.failed = true
	s.TB.Fatalf("%s: %s", s.what, fmt.Sprintf(format, args...))
}

func (s *scope) Fatal(args ...any) { s.Fatalf("%s", fmt.Sprint(args...)) }

// end runs the cleanups and tells whether nothing has failed.
func (s *scope) end() bool {
	for len(s.cleanups) > 0 {
		last := len(s.cleanups) - 1
		f := s.cleanups[last]
		s.cleanups = s.cleanups[:last]
		f()
	}
	return !s.failed
}
