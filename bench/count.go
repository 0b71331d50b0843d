package main

import (
	"fmt"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
	"github.com/ropewalk/ropewalk/bench/internal/result"
)

// settle is given to a server to close the connections of a pass of counting.
const settle = 10 * time.Millisecond

// A tally is what a server has done.
type tally struct{ ops, calls, switches, mallocs float64 }

// count lets a server work once more while its system calls and allocations are counted, which costs it a little, so it is not timed.
// There are two passes, one thrice as long as the other, and what the longer has more is divided: what connecting costs is in
// both. Calls need root and tracefs; allocations are told by Go servers of ours.
func (f *fleet) count(s *harness.Server, work func(*harness.Server, float64) (float64, error)) result.Figures {
	counter, noCalls := harness.Count(s.Pid(), nil)
	if noCalls == nil {
		defer counter.Close()
	} else if !f.b.noCalls {
		f.b.noCalls = true
		f.b.file.Notes = append(f.b.file.Notes, fmt.Sprintf("system calls are not counted: %v", noCalls))
	}
	now := func() (t tally, err error) {
		if noCalls == nil {
			n, err := counter.Counts()
			if err != nil {
				return t, err
			}
			t.calls, t.switches = n.All, n.Switches
		}
		if s.Counts {
			n, err := s.RuntimeCounts()
			if err != nil {
				return t, err
			}
			t.mallocs = n.Mallocs
		}
		return t, nil
	}
	pass := func(times float64) (tally, error) {
		before, err := now()
		if err != nil {
			return before, err
		}
		ops, err := work(s, times)
		if err != nil {
			return before, err
		}
		time.Sleep(settle)
		after, err := now()
		return tally{ops, after.calls - before.calls, after.switches - before.switches, after.mallocs - before.mallocs}, err
	}
	short, err := pass(1)
	if err != nil {
		f.b.progress.logf("%s: not counted: %v", s.Name, err)
		return nil
	}
	long, err := pass(3)
	if err != nil {
		f.b.progress.logf("%s: not counted: %v", s.Name, err)
		return nil
	}
	return long.per(short, noCalls == nil, s.Counts)
}

// per divides what a tally has more than another one by the operations that it has more.
func (t tally) per(short tally, calls, mallocs bool) result.Figures {
	ops := t.ops - short.ops
	if ops < t.ops/4 { // the machine was busy: both together, then
		ops, short = t.ops+short.ops, tally{calls: -short.calls, switches: -short.switches, mallocs: -short.mallocs}
	}
	if ops <= 0 {
		return nil
	}
	f := result.Figures{}
	if calls {
		f["calls"] = max(t.calls-short.calls, 0) / ops
		f["switches"] = max(t.switches-short.switches, 0) / ops
	}
	if mallocs {
		f["allocs"] = max(t.mallocs-short.mallocs, 0) / ops
	}
	return f
}
