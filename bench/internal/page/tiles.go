package page

import (
	"math"
	"slices"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
	"github.com/ropewalk/ropewalk/bench/internal/result"
)

// standing is the worst verdict against any Go or Java peer in a line.
func (v *view) standing(l line) result.Verdict {
	worst := result.Unproved
	rank := []result.Verdict{result.Unproved, result.Better, result.Level, result.Worse}
	for _, s := range v.File.Servers {
		if s.Group == result.Go || s.Group == result.Java {
			if d := l.verdict(s.Name); slices.Index(rank, d) > slices.Index(rank, worst) {
				worst = d
			}
		}
	}
	return worst
}

// tiles are what one should know first.
func (v *view) tiles() {
	n := map[result.Verdict]int{}
	all := 0
	for _, l := range lines(v.File) {
		if l.metric.Name == l.workload.Compared[0] {
			if d := v.standing(l); d != result.Unproved {
				n[d]++
				all++
			}
		}
	}
	of := "of " + whole(all) + " cells"
	v.Tiles = append(v.Tiles,
		tile{whole(n[result.Better]), of, "ropewalk is first of all Go and Java servers", "win"},
		tile{whole(n[result.Level]), of, "level with the best of them, within the noise", ""},
		tile{whole(n[result.Worse]), of, "another one is better", lossClass(n[result.Worse])})
	goals := count(v.File.Goals)
	v.Tiles = append(v.Tiles, tile{whole(goals.lost), "of " + whole(goals.met+goals.lost) + " goals",
		"lost; " + whole(goals.not) + " could not be measured", lossClass(goals.lost)})
	var floor []float64
	for _, l := range lines(v.File) {
		if l.metric.Name == "cpu_ns" && (l.workload.Name == "frames" || l.workload.Name == "raw") {
			floor = append(floor, l.cell.Ratio(result.OursName, result.FloorName, "cpu_ns").Median)
		}
	}
	floor = slices.DeleteFunc(floor, math.IsNaN)
	if len(floor) > 0 {
		what := "CPU of an echo, median of " + whole(len(floor)) + " cells; worst " + ratio(slices.Max(floor))
		v.Tiles = append(v.Tiles, tile{ratio(figures.Median(floor)), "x the floor in C", what, ""})
	}
}

func lossClass(n int) string {
	if n > 0 {
		return "lose"
	}
	return ""
}
