package main

import (
	"fmt"
	"math"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
	"github.com/ropewalk/ropewalk/bench/internal/result"
)

// A fleet is servers that do the same. They run through all cells of a workload, and of those that follow and need the same, so that
// a JVM is warm and nobody pays for his start; one that does not answer in time is ended, loses the cell, and is started again for
// the next.
type fleet struct {
	b        *bench
	call     call
	free     bool
	compiled float64 // seconds that a JVM has worked without being measured

	rows    []string          // in the order of tables
	missing map[string]string // those of them that have no server, and why
	kinds   map[string]harness.Kind
	running map[string]*harness.Server
}

// launch starts the rows that are wanted and looks at their answers, unless they run already. Ours and the floor must start and answer
// right, others may be missing; nobody may answer wrong. What ran before is ended.
func (b *bench) launch(c call, free bool, verify func(*harness.Server) error) (*fleet, error) {
	if f := b.fleet; f != nil && f.call == c && f.free == free {
		return f, nil
	}
	b.dismiss()
	f := &fleet{b: b, call: c, free: free, missing: map[string]string{}, kinds: map[string]harness.Kind{}, running: map[string]*harness.Server{}}
	for _, s := range b.chosen() {
		k, why := b.kind(s, c, free)
		if k.Name == "" && why == "" {
			continue // it does no such thing
		}
		f.rows = append(f.rows, s.Name)
		if why == "" {
			why = f.start(s, k, verify)
		}
		if why != "" {
			f.missing[s.Name] = why
			b.progress.logf("missing: %s: %s", s.Name, why)
		}
		if err := b.ctx.Err(); err != nil {
			f.stop()
			return nil, err
		}
	}
	b.fleet = f
	return f, nil
}

// dismiss ends the servers that run.
func (b *bench) dismiss() {
	if b.fleet != nil {
		b.fleet.stop()
		b.fleet = nil
	}
}

// start returns why a server is not there.
func (f *fleet) start(s server, k harness.Kind, verify func(*harness.Server) error) string {
	running, err := harness.Start(f.b.ctx, k)
	if err != nil {
		if s.must() {
			f.b.fail("%s: %v", s.Name, err)
		}
		return err.Error()
	}
	if verify != nil && !s.twin() {
		if err := verify(running); err != nil {
			running.Stop()
			f.b.fail("%s answers wrong, so it is not timed: %v", s.Name, err)
			return "it does not answer right"
		}
	}
	f.kinds[s.Name], f.running[s.Name] = k, running
	return ""
}

// must tells whether a row may not be missing. The engine on io_uring is one of its own only by name: where the system refuses it,
// ropewalk takes epoll.
func (s server) must() bool {
	return s.Group == result.Ours || s.Group == result.Floor && s.Name != "c-uring"
}

// stop ends all servers.
func (f *fleet) stop() {
	for _, s := range f.running {
		s.Stop()
	}
}

// servers returns those that run, after it has started those again that have ended.
func (f *fleet) servers() []*harness.Server {
	var all []*harness.Server
	for _, name := range f.rows {
		s := f.running[name]
		if s == nil {
			continue
		}
		if s.Ended() {
			again, err := harness.Start(f.b.ctx, f.kinds[name])
			if err != nil {
				f.missing[name] = err.Error()
				delete(f.running, name)
				continue
			}
			f.running[name] = again
			s = again
		}
		all = append(all, s)
	}
	return all
}

// A trial is what is done in a cell.
type trial struct {
	workload, name, title string
	rounds                int
	measure               func(*harness.Server) (result.Figures, error)                   // one round
	counted               func(s *harness.Server, times float64) (ops float64, err error) // what calls are counted of, so many times as long
}

// cell measures all servers in interleaved rounds, and then counts calls and allocations.
func (f *fleet) cell(t trial) error {
	servers := f.servers()
	for _, s := range servers {
		if s.Name == nettyName {
			f.compile(s, t.measure)
		}
	}
	last := map[string]error{}
	all, err := harness.Interleave(f.b.ctx, func(string, ...any) {}, servers, t.rounds, func(s *harness.Server) (*result.Figures, error) {
		if s.Ended() {
			return nil, last[s.Name]
		}
		figures, err := t.measure(s)
		if err != nil {
			last[s.Name] = err
			if f.b.ctx.Err() == nil {
				f.b.progress.logf("%v", err)
				s.Stop()
			}
			return nil, err
		}
		return &figures, nil
	})
	if err != nil {
		return err
	}
	cell := result.Cell{Workload: t.workload, Name: t.name, Title: t.title}
	for _, row := range f.rows {
		r := result.Row{Server: row, Missing: f.missing[row]}
		if series, ok := harness.Find(all, row); ok {
			r.Rounds = roundsOf(series)
			if len(r.Values("cpu_ns"))+len(r.Values("p50_us")) == 0 {
				r.Rounds, r.Missing = nil, fmt.Sprintf("every round was dropped: %v", last[row])
				f.b.lost(row, cell.ID(), r.Missing)
			} else if s := f.running[row]; t.counted != nil && !s.Ended() {
				r.Once = f.count(s, t.counted)
			}
		}
		cell.Rows = append(cell.Rows, r)
	}
	f.b.keep(cell)
	return f.b.ctx.Err()
}

// compile lets a JVM compile what is hot in a cell: until it gets no cheaper twice in a row, or some seconds have passed. A new JVM works for
// some seconds of its own time first, for which it gets longer.
func (f *fleet) compile(s *harness.Server, measure func(*harness.Server) (result.Figures, error)) {
	least, same, limit := math.Inf(1), 0, f.b.plan.compile
	if f.compiled == 0 {
		limit *= 4
	}
	for end := time.Now().Add(limit); time.Now().Before(end) && (same < 2 || f.compiled < f.b.plan.compile.Seconds()); {
		figures, err := measure(s)
		if err != nil {
			return // the rounds will tell
		}
		if same++; figures["cpu_ns"] < 0.9*least {
			same = 0
		}
		least = min(least, figures["cpu_ns"])
		f.compiled += figures["cpu_ns"] * figures["ops"] / 1e9
	}
}

func roundsOf(s harness.Series[result.Figures]) []result.Figures {
	all := make([]result.Figures, len(s.Runs))
	for i, r := range s.Runs {
		if r != nil {
			all[i] = *r
		}
	}
	return all
}
