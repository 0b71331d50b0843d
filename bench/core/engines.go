package main

import (
	"fmt"
	"slices"

	"github.com/ropewalk/ropewalk/bench/internal/echo"
	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// A comparison divides the CPU per message of one server by that of another in the same round. most returns what the median
// of that may be in a cell; it is nil where nothing was promised.
type comparison struct {
	label      string
	ours, base string
	most       func(cell) float64
}

// A contest is servers that are compared with each other in the same rounds.
type contest struct {
	title    string
	rows     []string
	compared []comparison
	cells    []cell
}

// uringLimit is what io_uring may cost against epoll: with a thousand connections caches decide, and runs differ more.
func uringLimit(c cell) float64 {
	if c.Conns >= 1000 {
		return 1.10
	}
	return 1.05
}

func always(most float64) func(cell) float64 { return func(cell) float64 { return most } }

// cells are the usual shapes: payload bytes, connections, and messages outstanding on each connection.
var cells = []cell{
	{Size: 64, Conns: 64, Depth: 32}, {Size: 64, Conns: 64, Depth: 1}, {Size: 64, Conns: 1000, Depth: 1},
	{Size: 1024, Conns: 64, Depth: 32}, {Size: 16384, Conns: 64, Depth: 1},
}

// contests are what the engines were promised to cost.
var contests = []contest{
	{
		title: "Engines: framed echo on io_uring, CPU ns per message",
		rows:  []string{onEpoll, onUring, ringFloor, onEpollAgain},
		compared: []comparison{
			{"uring/epoll", onUring, onEpoll, uringLimit},
			{"uring/c-uring", onUring, ringFloor, always(1.05)},
			{"epoll/epoll", onEpollAgain, onEpoll, nil},
		},
		cells: echo.Shapes([]int{64, 1024, 16384}, []int{1, 64, 1000}, []int{1, 32}),
	},
	{
		title: "Engines: framed echo on std and gnet, CPU ns per message",
		rows:  []string{"std", onStd, "gnet", onGnet},
		compared: []comparison{
			{"ropewalk-std/std", onStd, "std", always(1.10)},
			{"ropewalk-gnet/gnet", onGnet, "gnet", always(1.15)},
		},
		cells: cells,
	},
}

// engines measures what the other engines cost, against epoll and against the same done by hand.
func (b *bench) engines() error {
	for _, c := range contests {
		if err := b.contest(c); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) contest(c contest) error {
	rows := c.rows
	if len(b.servers) > 0 {
		rows = slices.DeleteFunc(slices.Clone(rows), func(name string) bool { return !slices.Contains(b.servers, name) })
	}
	if len(rows) == 0 {
		return nil
	}
	kinds := b.verified(named(b.frameKinds(), rows...))
	t := c.table(kinds)
	for _, shape := range b.shapes(c.cells) {
		b.report.Logf("  %s: %s", shape, names(kinds))
		all, err := harness.Rounds(b.ctx, b.report.Logf, kinds, b.rounds, func(s *server) (*result, error) {
			r, err := b.echo(s, shape, shape.WarmUp(b.warm), b.time)
			if err == nil && r.Msgs == 0 {
				err = echo.ErrNothing
			}
			return r, err
		})
		if err != nil {
			return err
		}
		harness.Keep(&b.report, "engines", shape.String(), all)
		c.row(b, t, shape, all)
		b.report.Logf("    %v", t.Rows[len(t.Rows)-1])
	}
	b.noteAbsent(t, rows...)
	b.report.Add(t)
	return nil
}

func (c contest) table(kinds []kind) *table {
	t := &table{Title: c.title, Columns: []string{"cell"}}
	for _, k := range kinds {
		t.Columns = append(t.Columns, k.Name)
	}
	for _, p := range c.compared {
		t.Columns = append(t.Columns, p.label, "quartiles")
	}
	t.Columns = append(t.Columns, "busy", "verdict")
	return t
}

// row adds a cell to the table, and its goals to the list.
func (c contest) row(b *bench, t *table, shape cell, all []series[result]) {
	row := []string{shape.String()}
	cpu := func(r *result) float64 { return r.CPU }
	var busy []float64
	for _, s := range all {
		row = append(row, fmt.Sprintf("%.0f", median(harness.Values(s, cpu))))
		busy = append(busy, harness.Values(s, func(r *result) float64 { return r.Busy })...)
	}
	verdict := "-"
	for _, p := range c.compared {
		ours, ok := harness.Find(all, p.ours)
		base, ok2 := harness.Find(all, p.base)
		if !ok || !ok2 {
			row = append(row, "-", "-")
			if why := b.why(p.ours, p.base); why != "" && p.most != nil {
				b.report.Goals.NotMeasured(p.most(shape), why, "%s: CPU %s", shape, p.label)
			}
			continue
		}
		s := harness.SpreadOf(harness.Ratios(ours, base, cpu))
		row = append(row, fmt.Sprintf("%.2f", s.Median), fmt.Sprintf("%.2f-%.2f", s.Q1, s.Q3))
		if p.most == nil {
			continue
		}
		g := b.report.Goals.AtMost(p.most(shape), s.Median, "%s: CPU %s (quartiles %.2f-%.2f)", shape, p.label, s.Q1, s.Q3)
		said := g.Verdict()
		if !g.Met {
			said += fmt.Sprintf(" %s %s", p.label, g.Bound())
			if s.Q1 <= g.Want {
				said += " (the lower quartile is not)"
			}
		}
		switch verdict {
		case "-", "met":
			verdict = said
		default:
			if said != "met" {
				verdict += ", " + said
			}
		}
	}
	t.Row(append(row, fmt.Sprintf("%.2f", median(busy)), verdict)...)
}

// noteAbsent says below a table which of its rows are missing, and why.
func (b *bench) noteAbsent(t *table, rows ...string) {
	for _, name := range rows {
		if why := b.absent[name]; why != "" {
			t.Note("no %s: %s", name, why)
		}
	}
}

// why returns why one of the servers is missing, if it is because it does not start here.
func (b *bench) why(names ...string) string {
	for _, name := range names {
		if b.absent[name] != "" {
			return name + " is missing"
		}
	}
	return ""
}
