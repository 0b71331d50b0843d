package main

import (
	"fmt"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// fileTable sums up one kind of transfer.
func fileTable(title string, all []series[fileResult]) *table {
	t := &table{Title: title, Columns: []string{"server", "CPU/copy", "quartiles", "CPU/sendfile", "quartiles",
		"CPU s/GiB", "CPU us/request", "GiB/s /copy", "GiB/s", "p50 us", "busy"}}
	base, _ := harness.Find(all, floor)
	slow, _ := harness.Find(all, copying)
	cpu := func(r *fileResult) float64 { return r.CPUGiB }
	rate := func(r *fileResult) float64 { return r.Rate }
	label := map[string]string{floor: "c sendfile", floorAgain: "c sendfile again"}
	for _, s := range all {
		name := s.Kind.Name
		if l := label[name]; l != "" {
			name = l
		}
		toCopy, toSend := harness.SpreadOf(harness.Ratios(s, slow, cpu)), harness.SpreadOf(harness.Ratios(s, base, cpu))
		t.Row(name,
			fmt.Sprintf("%.2f", toCopy.Median), fmt.Sprintf("%.2f-%.2f", toCopy.Q1, toCopy.Q3),
			fmt.Sprintf("%.2f", toSend.Median), fmt.Sprintf("%.2f-%.2f", toSend.Q1, toSend.Q3),
			fmt.Sprintf("%.3f", median(harness.Values(s, cpu))),
			fmt.Sprintf("%.1f", median(harness.Values(s, func(r *fileResult) float64 { return r.CPURequest / 1e3 }))),
			fmt.Sprintf("%.2f", median(harness.Ratios(s, slow, rate))), fmt.Sprintf("%.2f", median(harness.Values(s, rate))),
			fmt.Sprintf("%.0f", median(harness.Values(s, func(r *fileResult) float64 { return r.P50 }))),
			fmt.Sprintf("%.2f", median(harness.Values(s, func(r *fileResult) float64 { return r.Busy }))))
	}
	harness.NoteBand(t, all, cpu)
	return t
}
