package main

import "github.com/ropewalk/ropewalk/bench/internal/figures"

var quantile, median = figures.Quantile, figures.Median

// combine applies f to the values of each round.
func combine(a, b []float64, f func(a, b float64) float64) []float64 {
	out := make([]float64, min(len(a), len(b)))
	for i := range out {
		out[i] = f(a[i], b[i])
	}
	return out
}

// ratios divides round by round.
func ratios(a, b []float64) []float64 {
	return combine(a, b, func(a, b float64) float64 { return a / b })
}
