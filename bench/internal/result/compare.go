package result

import (
	"math"
	"strings"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
)

// smallest is the difference that is called level however quiet a machine is.
const smallest = 0.03

// Ratio divides a metric of one server by that of another in the same round. NaN if one of them was not measured.
func (c *Cell) Ratio(server, base, metric string) figures.Spread {
	a, b := c.Row(server), c.Row(base)
	if a == nil || b == nil {
		return figures.SpreadOf(nil)
	}
	var all []float64
	for i, f := range a.Rounds {
		if i >= len(b.Rounds) {
			break
		}
		v, ok := f[metric]
		w, ok2 := b.Rounds[i][metric]
		if ok && ok2 && w > 0 {
			all = append(all, v/w)
		}
	}
	return figures.SpreadOf(all)
}

// Noise is how far a metric of a server that runs twice is from itself: the outer quartile of its ratio, less one. Of two such
// servers the one that differs more counts. NaN if no server ran twice.
func (c *Cell) Noise(metric string) float64 {
	worst := math.NaN()
	for _, r := range c.Rows {
		name, twin := strings.CutSuffix(r.Server, Again)
		if !twin {
			continue
		}
		s := c.Ratio(r.Server, name, metric)
		if s.Rounds > 0 && (math.IsNaN(worst) || s.FromOne() > worst) {
			worst = s.FromOne()
		}
	}
	return worst
}

// A Verdict says how ours compares with another server.
type Verdict string

// Verdicts. Level is within the noise of the cell, or within three in a hundred.
const (
	Better   Verdict = "better"
	Level    Verdict = "level"
	Worse    Verdict = "worse"
	Unproved Verdict = "unproved" // not measured
)

// Judge compares a ratio of ours to another's, less being better, within noise.
func Judge(ratio, noise float64) Verdict {
	margin := Margin(noise)
	switch {
	case math.IsNaN(ratio):
		return Unproved
	case ratio > 1+margin:
		return Worse
	case ratio < 1/(1+margin):
		return Better
	}
	return Level
}

// Margin is by how much a ratio must differ from one to mean something.
func Margin(noise float64) float64 {
	if math.IsNaN(noise) {
		return smallest
	}
	return max(noise, smallest)
}

// Cost is a server's ratio to another one, turned so that less is better whatever the metric is.
func (c *Cell) Cost(server, base string, m Metric) float64 {
	if m.Higher {
		return c.Ratio(base, server, m.Name).Median
	}
	return c.Ratio(server, base, m.Name).Median
}

// BestPeer returns the Go or Java server that takes least of a metric in a cell, beside ours; "" if there is none. Who was measured in
// less than half of the rounds may have been lucky, and is passed over.
func (f *File) BestPeer(c *Cell, metric string) string {
	best, least := "", math.Inf(1)
	for _, r := range c.Rows {
		s := f.Server(r.Server)
		if s == nil || s.Group != Go && s.Group != Java || c.Row(r.Server) == nil {
			continue
		}
		v := c.Ratio(r.Server, OursName, metric)
		if 2*v.Rounds > len(r.Rounds) && v.Median < least {
			best, least = r.Server, v.Median
		}
	}
	return best
}

// Noisy tells whether a metric of a cell differs from itself by more than the limit of this run.
func (f *File) Noisy(c *Cell, metric string) bool { return c.Noise(metric) > f.Options.NoiseLimit }

// NoisyCells returns how many cells are noisy in the metric by which their workload is ranked first, and how many could tell.
func (f *File) NoisyCells() (noisy, all int) {
	for i := range f.Cells {
		c := &f.Cells[i]
		metric := f.Workload(c.Workload).Compared[0]
		if n := c.Noise(metric); !math.IsNaN(n) {
			all++
			if f.Noisy(c, metric) {
				noisy++
			}
		}
	}
	return noisy, all
}
