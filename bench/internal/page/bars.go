package page

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
	"github.com/ropewalk/ropewalk/bench/internal/result"
)

// A section is a workload with its plots and tables.
type section struct {
	Workload result.Workload
	Plots    []plot
	Tables   []*figures.Table
}

// A plot is a cell by one metric: a bar for each server, the best first.
type plot struct {
	Title, Metric, Noise string
	Split                bool // bars are split into user and system
	Dots                 bool // p50, p99 and p99.9 on a logarithmic scale instead of bars
	Bars                 []bar
	Ticks                []tick
	FloorAt              float64 // per cent; 0 without
}

// A bar is a server in a plot, as long as its ratio to the floor if there is one. Positions are per cent of the room.
type bar struct {
	Name, Class, Text, Title string
	First, Second            float64   // lengths: user and system, or all and nothing
	Dots                     []float64 // p50, p99, p99.9
	value                    float64
}

// A tick is a line of the scale.
type tick struct {
	At   float64
	Text string
}

func sections(f *result.File) []section {
	var all []section
	for _, w := range f.Workloads {
		s := section{Workload: w}
		for i := range f.Cells {
			c := &f.Cells[i]
			if c.Workload != w.Name {
				continue
			}
			if w.Name == "open" {
				s.Plots = append(s.Plots, latencyPlot(f, c))
			}
			s.Plots = append(s.Plots, barPlot(f, c, plotted(w)))
			s.Tables = append(s.Tables, cellTable(f, c))
		}
		if len(s.Tables) > 0 {
			all = append(all, s)
		}
	}
	return all
}

// plotted is the metric of a workload's bars.
func plotted(w result.Workload) result.Metric {
	name := w.Compared[0]
	if slices.Contains(w.Compared, "cpu_ns") {
		name = "cpu_ns"
	}
	m, _ := result.MetricOf(name)
	return m
}

func barPlot(f *result.File, c *result.Cell, m result.Metric) plot {
	toFloor := c.Row(result.FloorName) != nil && m.Most == 0 && m.Name != "conn_bytes" // which the floor has next to none of
	p := plot{Title: c.Title, Metric: m.Label()}
	if toFloor {
		p.Metric = m.Title
	}
	if w := f.Workload(c.Workload); w.Unit != "" && m.Name == "cpu_ns" {
		p.Metric += " per " + w.Unit
	}
	if toFloor {
		p.Metric += ", as a multiple of the floor"
	}
	if f.Noisy(c, m.Name) {
		p.Noise = "noisy: " + percent(c.Noise(m.Name))
	}
	for _, r := range c.Rows {
		v := r.Value(m.Name)
		if r.Missing != "" || math.IsNaN(v) {
			continue
		}
		b := bar{Name: r.Server, Class: groupOf(f, r.Server), value: v, Text: m.Format(v)}
		if toFloor {
			s := c.Ratio(r.Server, result.FloorName, m.Name)
			if s.Rounds == 0 {
				continue // no round in which the floor was measured, too
			}
			b.value, b.Text = s.Median, ratio(s.Median)+"x"
		}
		b.Title = fmt.Sprintf("%s: %s %s", r.Server, m.Format(v), m.Unit)
		if m.Name == "cpu_ns" {
			if user := r.Value("user_ns"); !math.IsNaN(user) && v > 0 {
				p.Split = true
				b.First, b.Second = b.value*user/v, b.value*(v-user)/v
				b.Title += fmt.Sprintf(", of it user %s, system %s", m.Format(user), m.Format(v-user))
			}
		}
		if b.First+b.Second == 0 {
			b.First = b.value
		}
		p.Bars = append(p.Bars, b)
	}
	p.scale()
	if toFloor && len(p.Bars) > 0 {
		p.FloorAt = min(100/p.most(), 100)
	}
	return p
}

// most is the value at the right end: three times the median, should a few be far worse than all others.
func (p *plot) most() float64 {
	var values []float64
	for _, b := range p.Bars {
		values = append(values, b.value)
	}
	return max(min(slices.Max(values), 3*figures.Median(values)), 1e-9)
}

// scale orders the bars and makes lengths per cent. What is longer than there is room ends with an arrow.
func (p *plot) scale() {
	if len(p.Bars) == 0 {
		return
	}
	slices.SortStableFunc(p.Bars, func(a, b bar) int { return cmp.Compare(a.value, b.value) })
	most := p.most()
	for i := range p.Bars {
		b := &p.Bars[i]
		b.First, b.Second = 100*b.First/most, 100*b.Second/most
		if b.value > most*1.001 {
			b.Class += " cut"
			b.First = min(b.First, 100)
			b.Second = 100 - b.First
		}
	}
}

func groupOf(f *result.File, server string) string {
	if server == result.OursName {
		return result.Ours + " default"
	}
	return f.Server(server).Group
}

func whole(n int) string { return fmt.Sprint(n) }
