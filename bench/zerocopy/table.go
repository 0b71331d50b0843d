package main

import (
	"fmt"
	"math"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// costTable is the table of a cell: what each row costs, and its ratio to base in the same round. copies tells how often a row
// copies each byte; nil leaves that column out.
func (c *cell) costTable(title, base string, copies func(row string) string) *table {
	t := &table{Title: title, Columns: []string{"way", "CPU", "quartiles", "wall", "CPU s/GiB", "user", "sys", "CPU us", "wall us",
		"calls", "mode sw", "faults", "vol", "invol"}}
	if copies != nil {
		t.Columns = append(t.Columns, "copies", "disk")
	}
	reference, _ := harness.Find(c.all, base)
	for _, s := range c.all {
		cpu := harness.SpreadOf(harness.Ratios(s, reference, (*fetched).cpu))
		wall := median(harness.Ratios(s, reference, (*fetched).wall))
		gib := median(harness.Values(s, (*fetched).cpuGiB))
		user, sys := userAndSystem(gib, s)
		row := []string{s.Kind.Name, ratio(cpu.Median), ratio(cpu.Q1) + "-" + ratio(cpu.Q3), ratio(wall), figure(gib),
			user, sys, each(s, func(f *fetched) float64 { return f.CPU / 1e3 }),
			each(s, func(f *fetched) float64 { return f.Seconds * 1e6 }), "-", "-"}
		if n, ok := c.calls[s.Kind.Name]; ok {
			row[9], row[10] = figure(n), figure(2*n)
		}
		row = append(row, each(s, func(f *fetched) float64 { return f.Minor + f.Major }),
			each(s, func(f *fetched) float64 { return f.Voluntary }), each(s, func(f *fetched) float64 { return f.Involuntary }))
		if copies != nil {
			row = append(row, copies(s.Kind.Name), disk(s))
		}
		t.Row(row...)
	}
	if c.why != nil {
		t.Note("system calls were not counted: %v", c.why)
	}
	harness.NoteBandOf(t, c.all, base, base+" again", (*fetched).cpu)
	return t
}

// fewTicks are too few to split CPU time by: the kernel looks 250 times in a second, or so, at what runs.
const fewTicks = 20

// userAndSystem splits CPU time into user and system.
func userAndSystem(v float64, s series[fetched]) (user, sys string) {
	u := harness.Sum(harness.Values(s, func(f *fetched) float64 { return f.UserTicks }))
	k := harness.Sum(harness.Values(s, func(f *fetched) float64 { return f.SysTicks }))
	if u+k < fewTicks {
		return "?", "?"
	}
	return figure(v * u / (u + k)), figure(v * k / (u + k))
}

// each is the median of something of a request.
func each(s series[fetched], of func(*fetched) float64) string {
	return figure(median(harness.Values(s, func(f *fetched) float64 { return of(f) / f.Requests })))
}

// disk is the share of the bytes that came from a disk.
func disk(s series[fetched]) string {
	v := median(harness.Values(s, func(f *fetched) float64 { return f.Disk / f.Bytes }))
	if v < 0 {
		return "?"
	}
	return ratio(v)
}

// coldness tells how much of the files was in the page cache when requests began.
func (c *cell) coldness() (resident, pages float64, worst string) {
	most := 0.0
	for _, s := range c.all {
		in := harness.Sum(harness.Values(s, func(f *fetched) float64 { return f.Resident }))
		resident += in
		pages += harness.Sum(harness.Values(s, func(f *fetched) float64 { return f.Pages }))
		if in > most {
			most, worst = in, s.Kind.Name
		}
	}
	return resident, pages, worst
}

// noteCache says whether the page cache was in the state that the title says.
func (c *cell) noteCache(t *table) {
	in, all, worst := c.coldness()
	switch {
	case all == 0: // empty files
	case in < 0:
		t.Note("what was in the page cache is not known: no cachestat(2), no mincore(2)")
	case c.cache == "warm":
		t.Note("page cache: %.0f of %.0f pages were there (%.2f %%)", in, all, 100*in/all)
	case in == all:
		t.Note("page cache: no page was cold, so this file system keeps its files in memory (tmpfs), and the table is one more of a warm file")
	case worst == "":
		t.Note("page cache: %.0f of %.0f pages were cold (100 %%) when they were asked for", all, all)
	default:
		t.Note("page cache: %.0f of %.0f pages were cold (%.2f %%) when they were asked for; most warm ones: %s",
			all-in, all, 100*(all-in)/all, worst)
	}
}

// noteUnsettled names rows whose CPU time was read while they were still busy.
func (c *cell) noteUnsettled(t *table) {
	for _, s := range c.all {
		n := 0
		for _, r := range s.Runs {
			if r != nil && !r.Settled {
				n++
			}
		}
		if n > 0 {
			t.Note("%s: still busy a second after the last byte in %d rounds, so its CPU time is incomplete", s.Kind.Name, n)
		}
	}
}

func ratio(v float64) string {
	if math.IsNaN(v) {
		return "-"
	}
	return fmt.Sprintf("%.2f", v)
}

// figure writes a number with three digits, or all that it has before the point.
func figure(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return "-"
	case a == 0:
		return "0"
	case a >= 99.95:
		return fmt.Sprintf("%.0f", v)
	case a >= 9.995:
		return fmt.Sprintf("%.1f", v)
	case a >= 0.9995:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}
