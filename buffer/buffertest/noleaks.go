package buffertest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
)

// A Counter counts the handles that somebody owns. *buffer.Pool and *buffer.Heap are Counters.
type Counter interface {
	Live() int
}

// NoLeaks makes t fail at its end if handles of one of the pools are still owned by somebody. Loops that use the pools
// must have stopped by then; a cleanup that is registered after NoLeaks runs before its check. If the pool's LeakSample is 1, as
// that of Pool is, the failure tells where the handles were made and what became of them.
func NoLeaks(t testing.TB, pools ...Counter) {
	t.Helper()
	t.Cleanup(func() {
		for i, p := range pools {
			if n := p.Live(); n != 0 {
				t.Errorf("buffertest: pool %d of %d: %d buffers were not released\n%s", i+1, len(pools), n, histories(p))
			}
		}
	})
}

// histories tells about the live handles of p that are watched, those with the same history once.
func histories(p Counter) string {
	w, ok := p.(interface{ Watched() []buffer.History })
	if !ok {
		return ""
	}
	const most = 10
	count := make(map[string]int)
	var order []string
	for _, h := range w.Watched() {
		s := h.String()
		if count[s]++; count[s] == 1 {
			order = append(order, s)
		}
	}
	var text strings.Builder
	for i, s := range order {
		if i == most {
			fmt.Fprintf(&text, "... and %d more kinds\n", len(order)-most)
			break
		}
		fmt.Fprintf(&text, "%d of them %s", count[s], s)
	}
	return text.String()
}

// Pool returns a fresh pool for the test t, which watches every handle. At its end the test fails if buffers or caches of the
// pool are in use, and the pool is closed.
func Pool(t testing.TB) *buffer.Pool {
	t.Helper()
	p := &buffer.Pool{LeakSample: 1}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("buffertest: %v", err)
		}
	})
	NoLeaks(t, p)
	return p
}
