package page

import (
	"fmt"
	"math"
	"slices"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
	"github.com/ropewalk/ropewalk/bench/internal/result"
)

// overview is one row for each cell and metric compared, one column for each server: ratios to a base of the same round.
func overview(f *result.File, base, title string) *figures.Table {
	t := &figures.Table{Title: title, Columns: []string{"cell"}}
	var columns []string
	for _, s := range f.Servers {
		if s.Name != base && used(f, s.Name) {
			columns = append(columns, s.Name)
		}
	}
	t.Columns = append(append(t.Columns, columns...), "noise")
	for _, l := range lines(f) {
		if l.cell.Row(base) == nil {
			continue
		}
		row := []string{l.name()}
		for _, name := range columns {
			row = append(row, l.text(name, base))
		}
		t.Row(append(row, percent(l.cell.Noise(l.metric.Name))+mark(f.Noisy(l.cell, l.metric.Name)))...)
	}
	return t
}

// A line is a cell by one of the metrics that are compared in it.
type line struct {
	workload *result.Workload
	cell     *result.Cell
	metric   result.Metric
}

func lines(f *result.File) []line {
	var all []line
	for i := range f.Workloads {
		w := &f.Workloads[i]
		for k := range f.Cells {
			if c := &f.Cells[k]; c.Workload == w.Name {
				for _, name := range w.Compared {
					m, _ := result.MetricOf(name)
					all = append(all, line{w, c, m})
				}
			}
		}
	}
	return all
}

// name tells the line from all others.
func (l line) name() string { return l.cell.Workload + " " + l.short() }

// short does so within its workload.
func (l line) short() string {
	switch {
	case l.metric.Most > 0:
		return l.cell.Name + ", " + l.metric.Label()
	case len(l.workload.Compared) > 1:
		return l.cell.Name + ", " + l.metric.Title
	}
	return l.cell.Name
}

// text is the ratio of a server to the base, or its value where that is what counts.
func (l line) text(name, base string) string {
	row := l.cell.Row(name)
	switch {
	case row == nil:
		return "-"
	case l.metric.Most > 0 || l.metric.Name == "conn_bytes" && base == result.FloorName: // the floor's is next to nothing
		return l.metric.Format(row.Value(l.metric.Name))
	}
	return ratio(l.cell.Ratio(name, base, l.metric.Name).Median)
}

func ratio(v float64) string {
	switch {
	case math.IsNaN(v):
		return "-"
	case v >= 99.5:
		return fmt.Sprintf("%.0f", v)
	case v >= 9.95:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func percent(v float64) string {
	if math.IsNaN(v) {
		return "-"
	}
	return fmt.Sprintf("%.0f %%", 100*v)
}

func mark(noisy bool) string {
	if noisy {
		return " !"
	}
	return ""
}

// used tells whether a server has figures anywhere.
func used(f *result.File, server string) bool {
	return slices.ContainsFunc(f.Cells, func(c result.Cell) bool { return c.Row(server) != nil })
}

// cellTable has everything of a cell but the raw counts.
func cellTable(f *result.File, c *result.Cell) *figures.Table {
	w := f.Workload(c.Workload)
	first, _ := result.MetricOf(w.Compared[0])
	t := &figures.Table{Title: fmt.Sprintf("%s, %s", w.Title, c.Title), Columns: []string{"server", first.Title + " /c", "quartiles", "/ropewalk"}}
	var columns []result.Metric
	for _, m := range result.Metrics {
		if m.Name != "user_ticks" && m.Name != "sys_ticks" && m.Name != "ops" && measured(c, m.Name) {
			columns = append(columns, m)
			t.Columns = append(t.Columns, m.Label())
		}
	}
	t.Columns = append(t.Columns, "rounds")
	for _, r := range c.Rows {
		if r.Missing != "" {
			t.Note("missing: %s: %s", r.Server, r.Missing)
			continue
		}
		floor := c.Ratio(r.Server, result.FloorName, first.Name)
		row := []string{r.Server, ratio(floor.Median), "-", ratio(c.Ratio(r.Server, result.OursName, first.Name).Median)}
		if floor.Rounds > 1 {
			row[2] = floor.Quartiles()
		}
		for _, m := range columns {
			row = append(row, m.Format(r.Value(m.Name)))
		}
		t.Row(append(row, fmt.Sprint(len(r.Values(first.Name))))...)
	}
	if f.Noisy(c, first.Name) {
		t.Note("too noisy: a server that runs twice differs from itself by %s, more than %s; smaller differences mean nothing here",
			percent(c.Noise(first.Name)), percent(f.Options.NoiseLimit))
	}
	if r := c.Row(result.FloorName); r != nil && r.Value("busy") < 0.7 && w.Name != "open" {
		t.Note("the floor had only %.2f of its core: the machine was busy, or the load too small; rates and latencies are not its own", r.Value("busy"))
	}
	if r := c.Row(result.FloorName); r != nil && r.Value("late_us") > lateLimit {
		t.Note("the load generator was %.0f us late itself, one time in a hundred: these are not the servers' own latencies", r.Value("late_us"))
	}
	return t
}

// lateLimit is how late, in microseconds, the load may be in one of a hundred messages.
const lateLimit = 100

func measured(c *result.Cell, metric string) bool {
	return slices.ContainsFunc(c.Rows, func(r result.Row) bool { return !math.IsNaN(r.Value(metric)) })
}
