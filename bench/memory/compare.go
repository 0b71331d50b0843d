package main

import (
	"fmt"
	"math"
)

// compare fills a table of nanoseconds: each row's own, and how many times the
// time of a row our own one takes in the same round. goals bounds that.
func (b *bench) compare(t *table, part, cell, ours string, all []series, goals map[string]float64) {
	own := find(all, ours)
	for _, s := range all {
		if len(s.values) == 0 {
			t.Row(s.name, "no JVM")
			continue
		}
		b.report.keep(part, cell, s.name, s.values)
		bound, verdict := "", ""
		r := ratios(own, s.values)
		if want, ok := goals[s.name]; ok {
			g := b.report.Goals.AtMost(want, median(r), "%s %s: %s / %s", part, cell, ours, s.name)
			bound, verdict = g.Bound(), g.Verdict()
		}
		t.Row(s.name, figure(median(s.values)), quartiles(s.values), fmt.Sprintf("%.2f x", median(r)), quartiles(r), bound, verdict)
	}
}

func quartiles(values []float64) string {
	return figure(quantile(values, 0.25)) + "-" + figure(quantile(values, 0.75))
}

// figure prints three digits, and no number as a dash.
func figure(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return "-"
	case a >= 100:
		return fmt.Sprintf("%.0f", v)
	case a >= 10:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
}

// bytesName prints a size that is a whole number of its unit.
func bytesName(n int) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	default:
		return fmt.Sprintf("%d B", n)
	}
}

func mib(n int64) string { return figure(float64(n) / (1 << 20)) }
