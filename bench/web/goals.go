package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

func cpu(r *result) float64 { return r.CPU }

// A goal bounds our CPU per message by that of a peer: of several rows, the one that takes least.
type goal struct {
	most  float64
	peers []string
}

// judge adds the goal to the list, and to the table of its cell.
func (g goal) judge(list *figures.Goals, t *figures.Table, cell string, all []series, absent map[string]string) {
	if absent[ours] != "" {
		list.NotMeasured(g.most, absent[ours], "%s: CPU / %s", cell, strings.Join(g.peers, ", "))
		return
	}
	own, found := harness.Find(all, ours)
	if !found {
		return // -servers has left it out
	}
	peer, why := g.best(all, absent)
	if why != "" {
		list.NotMeasured(g.most, why, "%s: CPU / %s", cell, strings.Join(g.peers, ", "))
		return
	}
	s := harness.SpreadOf(harness.Ratios(own, peer, cpu))
	v := list.AtMost(g.most, s.Median, "%s: CPU / %s (quartiles %.2f-%.2f)", cell, peer.Kind.Name, s.Q1, s.Q3)
	t.Note("goal: CPU / %s %s: got %.2f, quartiles %.2f-%.2f: %s", peer.Kind.Name, v.Bound(), s.Median, s.Q1, s.Q3, v.Verdict())
}

// best returns the row of the peers that takes least CPU, or why there is none.
func (g goal) best(all []series, absent map[string]string) (best series, why string) {
	least := math.Inf(1)
	for _, name := range g.peers {
		s, ok := harness.Find(all, name)
		values := harness.Values(s, cpu)
		if !ok || len(values) == 0 {
			if absent[name] != "" {
				why = fmt.Sprintf("%s is missing: %s", name, absent[name])
			}
			continue
		}
		if m := figures.Median(values); m < least {
			least, best = m, s
		}
	}
	switch {
	case !math.IsInf(least, 1):
		return best, ""
	case why == "":
		why = "-servers has left it out"
	}
	return best, why
}
