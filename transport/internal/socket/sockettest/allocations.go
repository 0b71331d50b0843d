//go:build linux

package sockettest

import (
	"runtime"
	"testing"
)

// NoAllocations runs f a tenth of so many times to warm up, and then so many times, and fails if that has allocated memory of the
// Go heap more than 16 times, and once more in 40 times. The runtime allocates a little of its own now and then, such as for a
// new thread.
func NoAllocations(t testing.TB, rounds int, f func()) {
	t.Helper()
	for range rounds / 10 {
		f()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range rounds {
		f()
	}
	runtime.ReadMemStats(&after)
	if n := after.Mallocs - before.Mallocs; n > uint64(16+rounds/40) {
		t.Errorf("%d allocations in %d rounds, want none", n, rounds)
	}
}
