package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// table sums up one cell.
func (c cell) table(all []series) *figures.Table {
	t := &figures.Table{Title: c.title + ": server CPU per " + c.unit}
	t.Columns = []string{"server", "CPU/c", "quartiles"}
	var refs []series
	for _, name := range c.refs {
		if s, ok := harness.Find(all, name); ok {
			t.Columns = append(t.Columns, "/"+name)
			refs = append(refs, s)
		}
	}
	t.Columns = append(t.Columns, "CPU ns", "user ns", "sys ns", c.unit+"/s", "p50 us", "p99 us", "busy", "load CPU ns", "rounds")
	base, _ := harness.Find(all, harness.Floor)
	for _, s := range all {
		if len(harness.Values(s, cpu)) > 0 {
			t.Row(row(s, base, refs)...)
		}
	}
	harness.NoteBand(t, all, cpu)
	if busy := middle(base, func(r *result) float64 { return r.Busy }); busy < 0.7 {
		t.Note("contended, or too little load: the floor had only %.2f of its core", busy)
	}
	return t
}

func row(s, base series, refs []series) []string {
	toFloor := harness.SpreadOf(harness.Ratios(s, base, cpu))
	cells := []string{s.Kind.Name, fmt.Sprintf("%.2f", toFloor.Median), fmt.Sprintf("%.2f-%.2f", toFloor.Q1, toFloor.Q3)}
	for _, ref := range refs {
		cells = append(cells, fmt.Sprintf("%.2f", figures.Median(harness.Ratios(s, ref, cpu))))
	}
	perMsg, user := middle(s, cpu), harness.UserShare(s)
	return append(cells,
		fmt.Sprintf("%.0f", perMsg), fmt.Sprintf("%.0f", perMsg*user), fmt.Sprintf("%.0f", perMsg*(1-user)),
		fmt.Sprintf("%.0f", middle(s, (*result).Rate)),
		fmt.Sprintf("%.0f", middle(s, func(r *result) float64 { return r.P50 })),
		fmt.Sprintf("%.0f", middle(s, func(r *result) float64 { return r.P99 })),
		fmt.Sprintf("%.2f", middle(s, func(r *result) float64 { return r.Busy })),
		fmt.Sprintf("%.0f", middle(s, func(r *result) float64 { return r.OwnCPU })),
		fmt.Sprint(toFloor.Rounds))
}

func middle(s series, figure func(*result) float64) float64 {
	return figures.Median(harness.Values(s, figure))
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
