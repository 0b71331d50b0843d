package figures

import "fmt"

// A Spread is a median with its quartiles.
type Spread struct {
	Median float64 `json:"median"`
	Q1     float64 `json:"q1"`
	Q3     float64 `json:"q3"`
	Rounds int     `json:"rounds"`
}

// SpreadOf sums up values. Without any, all but Rounds is NaN.
func SpreadOf(values []float64) Spread {
	return Spread{Median(values), Quantile(values, 0.25), Quantile(values, 0.75), len(values)}
}

// Quartiles writes both of them.
func (s Spread) Quartiles() string { return fmt.Sprintf("%.2f-%.2f", s.Q1, s.Q3) }

// FromOne is how far the quartiles of a ratio are from 1, whichever is farther.
func (s Spread) FromOne() float64 { return max(1-s.Q1, s.Q3-1, 0) }
