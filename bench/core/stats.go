package main

import "github.com/ropewalk/ropewalk/bench/internal/figures"

var quantile, median = figures.Quantile, figures.Median

// spread is a median with its quartiles.
type spread struct {
	Median float64 `json:"median"`
	Q1     float64 `json:"q1"`
	Q3     float64 `json:"q3"`
	Rounds int     `json:"rounds"`
}

func spreadOf(values []float64) spread {
	return spread{median(values), quantile(values, 0.25), quantile(values, 0.75), len(values)}
}

// The band in which the floor must agree with itself.
const bandLow, bandHigh = 0.85, 1.15

// noisy tells that the floor, measured against itself, does not agree.
func (s spread) noisy() bool { return s.Q1 < bandLow || s.Q3 > bandHigh }

// series is one server's measurements of a cell, a place for each round; nil
// where a round was dropped.
type series[T any] struct {
	kind kind
	runs []*T
}

// ratios divides a figure of each round by the floor's of the same round.
func ratios[T any](s, base series[T], figure func(*T) float64) []float64 {
	var out []float64
	for i, r := range s.runs {
		if f := base.runs[i]; r != nil && f != nil && figure(f) > 0 {
			out = append(out, figure(r)/figure(f))
		}
	}
	return out
}

// values lists a figure of all rounds.
func values[T any](s series[T], figure func(*T) float64) []float64 {
	var out []float64
	for _, r := range s.runs {
		if r != nil {
			out = append(out, figure(r))
		}
	}
	return out
}

func sum(values []float64) float64 {
	t := 0.0
	for _, v := range values {
		t += v
	}
	return t
}
