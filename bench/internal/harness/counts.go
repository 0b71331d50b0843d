package harness

import (
	"fmt"
	"syscall"
	"time"
)

// A Go peer that gets SIGUSR1 prints a line that begins so, with what its runtime has counted since it began.
const countsPrefix = "mallocs="

// RuntimeCounts are what the runtime of a Go server has counted since it began.
type RuntimeCounts struct {
	Mallocs float64 // objects made on the heap
	GCs     float64 // collections
}

// countsTime is how long a server may take to tell.
const countsTime = 5 * time.Second

// RuntimeCounts asks a server of Kind.Counts what its runtime has counted. Other servers would be ended by the signal, so they are
// not asked, and return an error.
func (s *Server) RuntimeCounts() (RuntimeCounts, error) {
	var n RuntimeCounts
	if !s.Counts {
		return n, fmt.Errorf("%s does not tell what its runtime counts", s.Name)
	}
	select { // what came too late before
	case <-s.told:
	default:
	}
	if err := s.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		return n, fmt.Errorf("%s: %w", s.Name, err)
	}
	select {
	case line := <-s.told:
		if _, err := fmt.Sscanf(line, countsPrefix+"%g gc=%g", &n.Mallocs, &n.GCs); err != nil {
			return n, fmt.Errorf("%s: %q: %w", s.Name, line, err)
		}
		return n, nil
	case <-s.done:
		return n, fmt.Errorf("%s has ended", s.Name)
	case <-time.After(countsTime):
		return n, fmt.Errorf("%s does not tell its counts", s.Name)
	}
}
