package main

import (
	"fmt"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// cells are the shapes measured: payload bytes, connections, and messages
// outstanding on each connection.
var cells = []cell{{64, 64, 32}, {64, 64, 1}, {64, 1000, 1}, {1024, 64, 32}, {16384, 64, 1}}

// matrix measures framed or raw echo in every cell.
func (b *bench) matrix(mode, title string, kinds []kind) error {
	kinds = b.verified(mode, kinds)
	b.report.Logf("  verified: %s", names(kinds))
	for _, c := range b.shapes(cells) {
		b.report.Logf("  %s %s", mode, c)
		all, err := harness.Rounds(b.ctx, b.report.Logf, kinds, b.rounds, func(s *server) (*result, error) {
			r, err := b.echo(s, mode, c, b.warmFor(c), b.time)
			if err == nil && r.Msgs == 0 {
				err = errNothing
			}
			return r, err
		})
		if err != nil {
			return err
		}
		b.report.Add(echoTable(fmt.Sprintf("%s, %d B, %d connections, depth %d", title, c.size, c.conns, c.depth), all))
		harness.Keep(&b.report, mode, c.String(), all)
	}
	return nil
}

// echoTable sums up one cell.
func echoTable(title string, all []series[result]) *table {
	t := &table{Title: title, Columns: []string{
		"server", "CPU/c", "quartiles", "CPU ns", "user ns", "sys ns", "msg/s /c", "msg/s", "p50 us", "p99 us", "busy", "rounds"}}
	base, _ := harness.Find(all, floor)
	cpu := func(r *result) float64 { return r.CPU }
	for _, s := range all {
		ratio := harness.SpreadOf(harness.Ratios(s, base, cpu))
		if ratio.Rounds == 0 {
			t.Notes = append(t.Notes, s.Kind.Name+": every round was dropped")
			continue
		}
		perMsg := median(harness.Values(s, cpu))
		user := harness.UserShare(s)
		t.Row(s.Kind.Name,
			fmt.Sprintf("%.2f", ratio.Median), fmt.Sprintf("%.2f-%.2f", ratio.Q1, ratio.Q3),
			fmt.Sprintf("%.0f", perMsg), fmt.Sprintf("%.0f", perMsg*user), fmt.Sprintf("%.0f", perMsg*(1-user)),
			fmt.Sprintf("%.2f", median(harness.Ratios(s, base, (*result).Rate))),
			fmt.Sprintf("%.0f", median(harness.Values(s, (*result).Rate))),
			fmt.Sprintf("%.0f", median(harness.Values(s, func(r *result) float64 { return r.P50 }))),
			fmt.Sprintf("%.0f", median(harness.Values(s, func(r *result) float64 { return r.P99 }))),
			fmt.Sprintf("%.2f", median(harness.Values(s, func(r *result) float64 { return r.Busy }))),
			fmt.Sprint(ratio.Rounds))
	}
	harness.NoteBand(t, all, cpu)
	if busy := median(harness.Values(base, func(r *result) float64 { return r.Busy })); busy < 0.7 {
		t.Note("contended: the floor had only %.2f of its core, so rates and latencies are not its own", busy)
	}
	return t
}

func names(kinds []kind) string {
	out := ""
	for i, k := range kinds {
		if i > 0 {
			out += ", "
		}
		out += k.Name
	}
	return out
}
