package main

// noteBand says so when the floor does not agree with itself, so that nobody
// ranks servers by noise.
func noteBand[T any](t *table, all []series[T], figure func(*T) float64) {
	base, ok := find(all, floor)
	again, ok2 := find(all, floorAgain)
	if !ok || !ok2 {
		return
	}
	s := spreadOf(ratios(again, base, figure))
	if s.noisy() {
		t.Note("too noisy: the floor against itself has quartiles %.2f-%.2f, outside %.2f-%.2f; "+
			"smaller differences than that mean nothing here", s.Q1, s.Q3, bandLow, bandHigh)
	}
}
