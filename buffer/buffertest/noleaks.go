package buffertest

import (
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
)

// A Counter counts the handles that somebody owns. *buffer.Pool and *buffer.Heap are Counters.
type Counter interface {
	Live() int
}

// NoLeaks makes t fail at its end if handles of one of the pools are still owned by somebody. Loops that use the pools
// must have stopped by then; a cleanup that is registered after NoLeaks runs before its check.
func NoLeaks(t testing.TB, pools ...Counter) {
	t.Helper()
	t.Cleanup(func() {
		for i, p := range pools {
			if n := p.Live(); n != 0 {
				t.Errorf("buffertest: pool %d of %d: %d buffers were not released", i+1, len(pools), n)
			}
		}
	})
}

// Pool returns a fresh pool for the test t. At its end the test fails if buffers or caches of the pool are in use, and the
// pool is closed.
func Pool(t testing.TB) *buffer.Pool {
	t.Helper()
	p := new(buffer.Pool)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("buffertest: %v", err)
		}
	})
	NoLeaks(t, p)
	return p
}
