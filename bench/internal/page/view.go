package page

import (
	"cmp"
	"slices"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
	"github.com/ropewalk/ropewalk/bench/internal/result"
)

// A view is what the template shows.
type view struct {
	File     *result.File
	Headline string
	Noise    string
	Noisy    bool
	Tiles    []tile
	Peers    []peerBar
	Losses   []loss
	Heat     heat
	Goals    figures.Goals
	Sections []section
	Since    []change
	Old      *result.File
	Missing  []missing
}

// A tile is a figure at the top.
type tile struct{ Figure, Of, What, Class string }

// A peerBar says in how many cells ours takes less, as much, or more than a peer.
type peerBar struct {
	Name                 string
	Better, Level, Worse int
	total                int
}

// Share is per cent of the cells that both have figures in.
func (p peerBar) Share(n int) float64 { return 100 * float64(n) / float64(max(p.total, 1)) }

// Where returns where a piece begins.
func (p peerBar) Where(n int) float64 { return p.Share(n) }

// A loss is a cell in which a peer takes less.
type loss struct {
	Cell, Server, Metric string
	Ratio                float64 // ours / the peer's
	Noisy                bool
}

// A missing row and why.
type missing struct{ Server, Cell, Why string }

func newView(f, old *result.File) *view {
	v := &view{File: f, Headline: headline(f), Noise: noiseLine(f), Goals: ordered(f.Goals), Old: old}
	noisy, all := f.NoisyCells()
	v.Noisy = noisy > 0 || all == 0
	v.compare()
	v.tiles()
	v.Heat = newHeat(f)
	v.Sections = sections(f)
	if old != nil {
		v.Since = changes(f, old)
	}
	seen := map[missing]bool{}
	for _, c := range f.Cells {
		for _, r := range c.Rows {
			m := missing{r.Server, c.Workload, r.Missing}
			if r.Missing != "" && !seen[m] {
				seen[m] = true
				v.Missing = append(v.Missing, m)
			}
		}
	}
	return v
}

// ordered puts what was lost first, and of equals the worst.
func ordered(goals figures.Goals) figures.Goals {
	all := slices.Clone(goals)
	rank := func(g figures.Goal) int {
		switch {
		case g.Missing != "":
			return 1
		case g.Met:
			return 2
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b figures.Goal) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Got/b.Want, a.Got/a.Want))
	})
	return all
}

// compare counts wins and losses against each Go and Java peer, by the first metric of each cell.
func (v *view) compare() {
	f := v.File
	for _, s := range f.Servers {
		if s.Group != result.Go && s.Group != result.Java {
			continue
		}
		bar := peerBar{Name: s.Name}
		for _, l := range lines(f) {
			if l.metric.Name != l.workload.Compared[0] {
				continue
			}
			switch l.verdict(s.Name) {
			case result.Better:
				bar.Better++
			case result.Level:
				bar.Level++
			case result.Worse:
				bar.Worse++
				v.Losses = append(v.Losses, loss{l.name(), s.Name, what(l),
					l.cell.Cost(result.OursName, s.Name, l.metric), f.Noisy(l.cell, l.metric.Name)})
			default:
				continue
			}
			bar.total++
		}
		if bar.total > 0 {
			v.Peers = append(v.Peers, bar)
		}
	}
	slices.SortStableFunc(v.Losses, func(a, b loss) int { // what is sure first
		if a.Noisy != b.Noisy {
			return map[bool]int{false: -1, true: 1}[a.Noisy]
		}
		return cmp.Compare(b.Ratio, a.Ratio)
	})
}

// what is the metric of a line whose name does not say it.
func what(l line) string {
	if l.metric.Name == "cpu_ns" || l.metric.Most > 0 || len(l.workload.Compared) > 1 {
		return ""
	}
	return l.metric.Title
}

// verdict says how ours does against a server in a line.
func (l line) verdict(server string) result.Verdict {
	if l.metric.Most > 0 {
		ours, other := l.cell.Row(result.OursName), l.cell.Row(server)
		if ours == nil || other == nil {
			return result.Unproved
		}
		a, b := ours.Value(l.metric.Name) > l.metric.Most, other.Value(l.metric.Name) > l.metric.Most
		switch {
		case a && !b:
			return result.Worse
		case b && !a:
			return result.Better
		}
		return result.Level
	}
	return result.Judge(l.cell.Cost(result.OursName, server, l.metric), l.cell.Noise(l.metric.Name))
}
