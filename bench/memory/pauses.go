package main

import (
	"math"
	"runtime/metrics"
)

// pausesBetween returns the sum of the pauses that two states of a histogram differ in, each taken as the upper end of
// its bucket, and the longest of them.
func pausesBetween(before, after *metrics.Float64Histogram) (sum, longest float64) {
	for i, n := range after.Counts {
		if i < len(before.Counts) {
			n -= before.Counts[i]
		}
		if n == 0 {
			continue
		}
		end := after.Buckets[i+1]
		if math.IsInf(end, 1) {
			end = after.Buckets[i]
		}
		sum += float64(n) * end
		longest = max(longest, end)
	}
	return sum, longest
}
