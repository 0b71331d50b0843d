package channeltest

import (
	"runtime"
	"testing"
)

// NoAllocations fails if f, which passes n messages, allocates memory of the Go heap for them, in this goroutine or in any other. f is
// called for a tenth of the messages first, so that everything is warm. The runtime allocates a little of its own now and then, such
// as for a new thread, and so do pools when goroutines get in each other's way as they have not before: what fails is more than 16
// allocations and one in 40 messages, in each of three attempts.
//
// testing.AllocsPerRun is sharper where all is done by one goroutine.
func NoAllocations(t testing.TB, messages int, f func(n int)) {
	t.Helper()
	f(max(1, messages/10))
	var n uint64
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f(messages)
		runtime.ReadMemStats(&after)
		if n = after.Mallocs - before.Mallocs; n <= uint64(16+messages/40) {
			return
		}
	}
	t.Errorf("%d allocations for %d messages, want none", n, messages)
}
