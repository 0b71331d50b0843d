package page

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/ropewalk/ropewalk/bench/internal/result"
)

// latencyPlot shows percentiles on a logarithmic scale.
func latencyPlot(f *result.File, c *result.Cell) plot {
	p := plot{Title: c.Title, Metric: "latency us: p50, p99 and p99.9, logarithmic", Dots: true}
	least, most := math.Inf(1), 0.0
	type row struct {
		name   string
		values [3]float64
	}
	var rows []row
	for _, r := range c.Rows {
		v := [3]float64{r.Value("p50_us"), r.Value("p99_us"), r.Value("p999_us")}
		if r.Missing != "" || math.IsNaN(v[0]) {
			continue
		}
		rows = append(rows, row{r.Server, v})
		for _, x := range v {
			if x > 0 {
				least, most = min(least, x), max(most, x)
			}
		}
	}
	if len(rows) == 0 {
		return p
	}
	low, high := math.Floor(math.Log10(least)), math.Ceil(math.Log10(most))
	at := func(v float64) float64 { return 1 + 97*(math.Log10(max(v, least))-low)/max(high-low, 1) }
	for e := low; e <= high; e++ {
		p.Ticks = append(p.Ticks, tick{at(math.Pow(10, e)), micro(math.Pow(10, e))})
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.values[1], b.values[1]) })
	m, _ := result.MetricOf("p99_us")
	for _, r := range rows {
		p.Bars = append(p.Bars, bar{
			Name: r.name, Class: groupOf(f, r.name), Text: micro(r.values[1]),
			Title: fmt.Sprintf("%s: p50 %s, p99 %s, p99.9 %s us", r.name, m.Format(r.values[0]), m.Format(r.values[1]), m.Format(r.values[2])),
			Dots:  []float64{at(r.values[0]), at(r.values[1]), at(r.values[2])},
		})
	}
	return p
}

// micro writes microseconds shortly.
func micro(us float64) string {
	switch {
	case us >= 1e6:
		return fmt.Sprintf("%.3gs", us/1e6)
	case us >= 1000:
		return fmt.Sprintf("%.3gms", us/1000)
	}
	return fmt.Sprintf("%.3gus", us)
}
