package page

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/ropewalk/ropewalk/bench/internal/result"
)

// A heat is the map of cells and servers.
type heat struct {
	Servers []result.Server
	Groups  []heatGroup
}

// A heatGroup is a workload.
type heatGroup struct {
	Title string
	Rows  []heatRow
}

// A heatRow is a cell by one metric.
type heatRow struct {
	Name, Title, Noise string
	Noisy              bool
	Fields             []field
}

// A field says how a server compares with ours, and with the floor: a text, a class that is its colour, and a sentence.
type field struct{ Text, Class, Floor, FloorClass, Title string }

func newHeat(f *result.File) heat {
	var h heat
	for _, s := range f.Servers {
		if used(f, s.Name) && !strings.HasSuffix(s.Name, result.Again) { // what those say is in the column of noise
			h.Servers = append(h.Servers, s)
		}
	}
	slices.SortStableFunc(h.Servers, func(a, b result.Server) int { return cmp.Compare(column(a), column(b)) })
	for i := range f.Workloads {
		g := heatGroup{Title: f.Workloads[i].Title}
		for _, l := range lines(f) {
			if l.workload != &f.Workloads[i] {
				continue
			}
			noise := l.cell.Noise(l.metric.Name)
			row := heatRow{Name: l.short(), Title: l.cell.Title + ": " + l.metric.Label(), Noisy: f.Noisy(l.cell, l.metric.Name)}
			if !math.IsNaN(noise) {
				row.Noise = fmt.Sprintf("%.0f%%", 100*noise)
			}
			for _, s := range h.Servers {
				row.Fields = append(row.Fields, l.field(s.Name))
			}
			g.Rows = append(g.Rows, row)
		}
		if len(g.Rows) > 0 {
			h.Groups = append(h.Groups, g)
		}
	}
	return h
}

// column orders servers so that a phone shows first what counts most: ours, the floor, the peers, and then the other engines.
func column(s result.Server) int {
	switch {
	case s.Name == result.OursName:
		return 0
	case s.Name == result.FloorName:
		return 1
	case s.Group == result.Ours:
		return 3
	case s.Group == result.Floor:
		return 4
	}
	return 2
}

func (l line) field(server string) field {
	row := l.cell.Row(server)
	if row == nil {
		for _, r := range l.cell.Rows {
			if r.Server == server {
				return field{Text: "x", Class: "none", Floor: "x", FloorClass: "none", Title: server + ": " + r.Missing}
			}
		}
		return field{Class: "none", FloorClass: "none", Title: server + " does not do this"}
	}
	v := field{Text: l.text(server, result.OursName), Floor: l.text(server, result.FloorName)}
	v.Title = fmt.Sprintf("%s: %s %s", server, l.metric.Format(row.Value(l.metric.Name)), l.metric.Unit)
	v.Class = l.class(server)
	v.FloorClass = floorClass(l.cell.Cost(server, result.FloorName, l.metric))
	if l.metric.Most > 0 {
		v.FloorClass = v.Class
	}
	if server == result.OursName {
		v.Class = "own"
	}
	return v
}

// class is the colour of a server beside ours: w1 to w5 where it takes more, which is a win of ours, l1 to l5 where it takes less.
func (l line) class(server string) string {
	verdict := l.verdict(server)
	cost := l.cell.Cost(server, result.OursName, l.metric)
	switch {
	case l.metric.Most > 0 && verdict == result.Better:
		return "w4"
	case l.metric.Most > 0 && verdict == result.Worse:
		return "l4"
	case l.metric.Most > 0 || verdict == result.Level:
		return "lv"
	case verdict == result.Better:
		return fmt.Sprintf("w%d", depth(cost))
	case verdict == result.Worse:
		return fmt.Sprintf("l%d", depth(1/cost))
	}
	return "none"
}

// depth is how deep the colour of a ratio above one is.
func depth(r float64) int {
	for i, most := range []float64{1.15, 1.4, 2, 3} {
		if r < most {
			return i + 1
		}
	}
	return 5
}

// floorClass is the colour of a multiple of the floor: f0 is as good as that, f6 is thrice as much or worse.
func floorClass(r float64) string {
	if math.IsNaN(r) || math.IsInf(r, 0) {
		return "none"
	}
	for i, most := range []float64{1.05, 1.15, 1.25, 1.5, 2, 3} {
		if r < most {
			return fmt.Sprintf("f%d", i)
		}
	}
	return "f6"
}
