package main

import (
	"math"
	"slices"
)

// quantile returns the q-quantile of values, between the two nearest ones.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	at := q * float64(len(sorted)-1)
	low := int(at)
	if low+1 == len(sorted) {
		return sorted[low]
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low])
}

func median(values []float64) float64 { return quantile(values, 0.5) }

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
