package main

import "fmt"

// fileTable sums up one kind of transfer.
func fileTable(title string, all []series[fileResult]) *table {
	t := &table{Title: title, Columns: []string{"server", "CPU/copy", "quartiles", "CPU/sendfile", "quartiles",
		"CPU s/GiB", "CPU us/request", "GiB/s /copy", "GiB/s", "p50 us", "busy"}}
	base, _ := find(all, floor)
	slow, _ := find(all, copying)
	cpu := func(r *fileResult) float64 { return r.CPUGiB }
	rate := func(r *fileResult) float64 { return r.Rate }
	label := map[string]string{floor: "c sendfile", floorAgain: "c sendfile again"}
	for _, s := range all {
		name := s.kind.name
		if l := label[name]; l != "" {
			name = l
		}
		toCopy, toSend := spreadOf(ratios(s, slow, cpu)), spreadOf(ratios(s, base, cpu))
		t.Row(name,
			fmt.Sprintf("%.2f", toCopy.Median), fmt.Sprintf("%.2f-%.2f", toCopy.Q1, toCopy.Q3),
			fmt.Sprintf("%.2f", toSend.Median), fmt.Sprintf("%.2f-%.2f", toSend.Q1, toSend.Q3),
			fmt.Sprintf("%.3f", median(values(s, cpu))),
			fmt.Sprintf("%.1f", median(values(s, func(r *fileResult) float64 { return r.CPURequest / 1e3 }))),
			fmt.Sprintf("%.2f", median(ratios(s, slow, rate))), fmt.Sprintf("%.2f", median(values(s, rate))),
			fmt.Sprintf("%.0f", median(values(s, func(r *fileResult) float64 { return r.P50 }))),
			fmt.Sprintf("%.2f", median(values(s, func(r *fileResult) float64 { return r.Busy }))))
	}
	noteBand(t, all, cpu)
	return t
}
