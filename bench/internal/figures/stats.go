package figures

import (
	"math"
	"slices"
)

// Quantile returns the q-quantile of values, between the two nearest ones.
func Quantile(values []float64, q float64) float64 {
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

// Median returns the middle of values, NaN if there are none.
func Median(values []float64) float64 { return Quantile(values, 0.5) }
