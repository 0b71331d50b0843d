package main

import "testing"

func TestRingKeepsOrder(t *testing.T) {
	const n = 10*ringSize + 7
	r := newRing[int]()
	go func() {
		for i := range n {
			r.push(i)
		}
		r.flush()
	}()
	for i := range n {
		if got := r.pop(); got != i {
			t.Fatalf("%d in place %d", got, i)
		}
	}
}
