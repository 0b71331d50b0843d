package harness

import (
	"slices"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
)

// SpreadOf sums up values.
func SpreadOf(values []float64) figures.Spread { return figures.SpreadOf(values) }

// The band in which the floor must agree with itself.
const bandLow, bandHigh = 0.85, 1.15

// noisy tells that the floor, measured against itself, does not agree.
func noisy(s figures.Spread) bool { return s.Q1 < bandLow || s.Q3 > bandHigh }

// A Series is one server's measurements, a place for each round; nil where a round was dropped.
type Series[T any] struct {
	Kind Kind
	Runs []*T
}

// Find returns the series of a server.
func Find[T any](all []Series[T], name string) (Series[T], bool) {
	i := slices.IndexFunc(all, func(s Series[T]) bool { return s.Kind.Name == name })
	if i < 0 {
		return Series[T]{}, false
	}
	return all[i], true
}

// Ratios divides a figure of each round by the base's of the same round.
func Ratios[T any](s, base Series[T], figure func(*T) float64) []float64 {
	var out []float64
	for i, r := range s.Runs {
		if i >= len(base.Runs) {
			break
		}
		if f := base.Runs[i]; r != nil && f != nil && figure(f) > 0 {
			out = append(out, figure(r)/figure(f))
		}
	}
	return out
}

// Values lists a figure of all rounds.
func Values[T any](s Series[T], figure func(*T) float64) []float64 {
	var out []float64
	for _, r := range s.Runs {
		if r != nil {
			out = append(out, figure(r))
		}
	}
	return out
}

// Sum adds values up.
func Sum(values []float64) float64 {
	t := 0.0
	for _, v := range values {
		t += v
	}
	return t
}

// NoteBand says so below a table when the floor does not agree with itself, so that nobody ranks servers by noise.
func NoteBand[T any](t *figures.Table, all []Series[T], figure func(*T) float64) {
	NoteBandOf(t, all, Floor, FloorAgain, figure)
}

// NoteBandOf is NoteBand with another server that runs twice.
func NoteBandOf[T any](t *figures.Table, all []Series[T], name, twin string, figure func(*T) float64) {
	base, ok := Find(all, name)
	again, ok2 := Find(all, twin)
	if !ok || !ok2 {
		return
	}
	if s := SpreadOf(Ratios(again, base, figure)); noisy(s) {
		t.Note("too noisy: %s against itself has quartiles %.2f-%.2f, outside %.2f-%.2f; "+
			"smaller differences than that mean nothing here", name, s.Q1, s.Q3, bandLow, bandHigh)
	}
}
