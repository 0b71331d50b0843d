package main

import (
	"math"
	"slices"
	"testing"
)

func TestQuantile(t *testing.T) {
	v := []float64{4, 1, 3, 2}
	for _, c := range []struct{ q, want float64 }{{0, 1}, {0.5, 2.5}, {1, 4}, {0.25, 1.75}} {
		if got := quantile(v, c.q); got != c.want {
			t.Errorf("quantile %v = %v, want %v", c.q, got, c.want)
		}
	}
	if !math.IsNaN(median(nil)) {
		t.Error("the median of nothing is a number")
	}
}

func TestRatiosAreOfTheSameRound(t *testing.T) {
	got := ratios([]float64{2, 9, 8}, []float64{1, 3, 2})
	if !slices.Equal(got, []float64{2, 3, 4}) {
		t.Errorf("ratios = %v", got)
	}
	if got := ratios([]float64{1, 2}, nil); len(got) != 0 {
		t.Errorf("ratios to nothing = %v", got)
	}
}
