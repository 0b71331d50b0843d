package group

import (
	"slices"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
)

// calls runs f as a loop does: what panics is over, and the rest comes in a later turn.
func calls(f func()) (panicked bool) {
	defer func() { panicked = recover() != nil }()
	f()
	return false
}

// Each is called once for all, whichever of them panic.
func TestEachSurvivesPanics(t *testing.T) {
	const n = 6
	for bad := range 1 << n { // those with a bit here
		var these, called []int
		for i := range n {
			these = append(these, i)
		}
		var later []func(error)
		insist := func(f func(error)) { later = append(later, f) }
		f := func(i int) {
			called = append(called, i)
			if bad&(1<<i) != 0 {
				panic("boom")
			}
		}
		panics := 0
		if calls(func() { Each(these, f, insist) }) {
			panics++
		}
		for len(later) > 0 {
			next := later[0]
			later = later[1:]
			if calls(func() { next(nil) }) {
				panics++
			}
		}
		if !slices.Equal(called, these) {
			t.Errorf("bad %06b: called for %v, want each once", bad, called)
		}
		if want := bits(bad); panics != want {
			t.Errorf("bad %06b: %d panics were seen by the loop, want %d", bad, panics, want)
		}
	}
}

func bits(v int) (n int) {
	for ; v != 0; v &= v - 1 {
		n++
	}
	return n
}

// When the loop has ended there is nobody left to be called for.
func TestEachAfterTheEnd(t *testing.T) {
	called := 0
	calls(func() {
		Each([]int{1, 2, 3}, func(int) { called++; panic("boom") }, func(f func(error)) { f(channel.ErrClosed) })
	})
	if called != 1 {
		t.Errorf("called for %d, want 1", called)
	}
}
