package result

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
)

// A Metric is what a figure is of.
type Metric struct {
	Name   string
	Title  string
	Unit   string
	Higher bool    // more is better
	Most   float64 // it is not compared but held against this: more is bad, and less is no merit
}

// Metrics are all there are, in the order of tables. Those of CPU are of the server, for each operation.
var Metrics = []Metric{
	{Name: "cpu_ns", Title: "CPU", Unit: "ns"},
	{Name: "user_ns", Title: "user", Unit: "ns"}, // made of cpu_ns and the ticks of all rounds
	{Name: "sys_ns", Title: "sys", Unit: "ns"},
	{Name: "rate", Title: "rate", Unit: "/s", Higher: true},
	{Name: "p50_us", Title: "p50", Unit: "us"},
	{Name: "p99_us", Title: "p99", Unit: "us"},
	{Name: "p999_us", Title: "p99.9", Unit: "us"},
	{Name: "late_us", Title: "load late, p99", Unit: "us"},
	{Name: "allocs", Title: "allocs", Unit: ""},     // for each operation, of Go servers
	{Name: "calls", Title: "calls", Unit: ""},       // system calls for each operation
	{Name: "switches", Title: "switches", Unit: ""}, // context switches for each operation
	{Name: "conn_bytes", Title: "resident/conn", Unit: "B"},
	{Name: "conn_bytes_gc20", Title: "with GOGC=20", Unit: "B"},
	{Name: "base_mib", Title: "before", Unit: "MiB"}, // resident, of the whole process
	{Name: "growth_mib", Title: "growth", Unit: "MiB", Most: 32},
	{Name: "taken_mib", Title: "taken unread", Unit: "MiB"},
	{Name: "before_p99_us", Title: "others' p99 before", Unit: "us"},
	{Name: "stalled_p99_us", Title: "while it stalls", Unit: "us"},
	{Name: "drained_p99_us", Title: "while it drains", Unit: "us"},
	{Name: "busy", Title: "busy", Unit: ""},            // share of its core that the server had
	{Name: "load_ns", Title: "load's CPU", Unit: "ns"}, // of the load generator, for each operation
	{Name: "ops", Title: "operations", Unit: ""},       // in the window
	{Name: "user_ticks", Title: "user ticks", Unit: ""},
	{Name: "sys_ticks", Title: "sys ticks", Unit: ""},
}

// MetricOf returns the metric of that name.
func MetricOf(name string) (Metric, bool) {
	i := slices.IndexFunc(Metrics, func(m Metric) bool { return m.Name == name })
	if i < 0 {
		return Metric{}, false
	}
	return Metrics[i], true
}

// Label is title and unit.
func (m Metric) Label() string { return strings.TrimSpace(m.Title + " " + m.Unit) }

// Format writes a value with about three digits that count; "-" if it was not measured.
func (m Metric) Format(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return "-"
	case a >= 100:
		return fmt.Sprintf("%.0f", v)
	case a >= 10:
		return fmt.Sprintf("%.1f", v)
	case a >= 1 || a == 0:
		return fmt.Sprintf("%.2f", v)
	case a >= 0.0005:
		return fmt.Sprintf("%.3f", v)
	}
	return "0.000"
}

// Values lists a metric of all rounds that were not dropped.
func (r *Row) Values(metric string) []float64 {
	var all []float64
	for _, f := range r.Rounds {
		if v, ok := f[metric]; ok {
			all = append(all, v)
		}
	}
	return all
}

// Value returns the median over the rounds, or what was counted once; NaN if it was not measured. The shares of user and system
// are those of all rounds together, because a clock tick is long.
func (r *Row) Value(metric string) float64 {
	switch metric {
	case "user_ns", "sys_ns":
		user, sys := sum(r.Values("user_ticks")), sum(r.Values("sys_ticks"))
		part := map[string]float64{"user_ns": user, "sys_ns": sys}[metric]
		if user+sys == 0 {
			return math.NaN()
		}
		return r.Value("cpu_ns") * part / (user + sys)
	}
	if v, ok := r.Once[metric]; ok {
		return v
	}
	return figures.Median(r.Values(metric))
}

func sum(values []float64) float64 {
	t := 0.0
	for _, v := range values {
		t += v
	}
	return t
}
