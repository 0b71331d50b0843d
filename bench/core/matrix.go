package main

import (
	"fmt"
	"slices"
)

// cells are the shapes measured: payload bytes, connections, and messages
// outstanding on each connection.
var cells = []cell{{64, 64, 32}, {64, 64, 1}, {64, 1000, 1}, {1024, 64, 32}, {16384, 64, 1}}

// matrix measures framed or raw echo in every cell.
func (b *bench) matrix(mode, title string, kinds []kind) error {
	kinds = b.verified(mode, kinds)
	b.logf("  verified: %s", names(kinds))
	for _, c := range cells {
		if len(b.cells) > 0 && !slices.Contains(b.cells, c.String()) {
			continue
		}
		b.logf("  %s %s", mode, c)
		all, err := rounds(b, kinds, b.rounds, func(s *server) (*result, error) {
			r, err := b.echo(s, mode, c, b.warm, b.time)
			if err == nil && r.Msgs == 0 {
				err = errNothing
			}
			return r, err
		})
		if err != nil {
			return err
		}
		b.report.add(echoTable(fmt.Sprintf("%s, %d B, %d connections, depth %d", title, c.size, c.conns, c.depth), all))
		for _, s := range all {
			b.report.Runs = append(b.report.Runs, runs{mode, c.String(), s.kind.name, s.runs})
		}
	}
	return nil
}

// echoTable sums up one cell.
func echoTable(title string, all []series[result]) *table {
	t := &table{Title: title, Columns: []string{
		"server", "CPU/c", "quartiles", "CPU ns", "user ns", "sys ns", "msg/s /c", "msg/s", "p50 us", "p99 us", "busy", "rounds"}}
	base, _ := find(all, floor)
	cpu := func(r *result) float64 { return r.CPU }
	for _, s := range all {
		ratio := spreadOf(ratios(s, base, cpu))
		if ratio.Rounds == 0 {
			t.Notes = append(t.Notes, s.kind.name+": every round was dropped")
			continue
		}
		perMsg := median(values(s, cpu))
		user := userShare(s)
		t.Row(s.kind.name,
			fmt.Sprintf("%.2f", ratio.Median), fmt.Sprintf("%.2f-%.2f", ratio.Q1, ratio.Q3),
			fmt.Sprintf("%.0f", perMsg), fmt.Sprintf("%.0f", perMsg*user), fmt.Sprintf("%.0f", perMsg*(1-user)),
			fmt.Sprintf("%.2f", median(ratios(s, base, (*result).rate))),
			fmt.Sprintf("%.0f", median(values(s, (*result).rate))),
			fmt.Sprintf("%.0f", median(values(s, func(r *result) float64 { return r.P50 }))),
			fmt.Sprintf("%.0f", median(values(s, func(r *result) float64 { return r.P99 }))),
			fmt.Sprintf("%.2f", median(values(s, func(r *result) float64 { return r.Busy }))),
			fmt.Sprint(ratio.Rounds))
	}
	noteBand(t, all, cpu)
	if busy := median(values(base, func(r *result) float64 { return r.Busy })); busy < 0.7 {
		t.Note("contended: the floor had only %.2f of its core, so rates and latencies are not its own", busy)
	}
	return t
}

// userShare is the share of user code in a server's CPU time, over all rounds
// together, because ticks are few in one.
func userShare(s series[result]) float64 {
	user := sum(values(s, func(r *result) float64 { return r.UserTicks }))
	sys := sum(values(s, func(r *result) float64 { return r.SysTicks }))
	if user+sys == 0 {
		return 0
	}
	return user / (user + sys)
}

func names(kinds []kind) string {
	out := ""
	for i, k := range kinds {
		if i > 0 {
			out += ", "
		}
		out += k.name
	}
	return out
}
