//go:build linux

package sockettest

import (
	"testing"
	"time"
)

// Patience is how long a test waits for what must happen. It is so long because it only matters when a test fails.
const Patience = 20 * time.Second

// Await returns what comes out of c, and ends the test if nothing does. It belongs to the test's goroutine.
func Await[T any](t testing.TB, what string, c <-chan T) T {
	t.Helper()
	timer := time.NewTimer(Patience)
	defer timer.Stop()
	select {
	case v := <-c:
		return v
	case <-timer.C:
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

// Eventually waits until cond is true, and ends the test if it does not become so. It is for what nobody reports, such as
// an effect inside the kernel.
func Eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(Patience); !cond(); <-ticker.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
