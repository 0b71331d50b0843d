package slow

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// A Watch follows the memory of a server.
type Watch struct {
	peak atomic.Int64 // over the base
	over atomic.Bool
	quit chan struct{}
	done chan struct{}
}

// WatchMemory samples until it is stopped, and calls abort should the server
// outgrow all reason.
func WatchMemory(pid int, base int64, abort func()) *Watch {
	w := &Watch{quit: make(chan struct{}), done: make(chan struct{})}
	w.peak.Store(math.MinInt64)
	go func() {
		defer close(w.done)
		for {
			if now, err := harness.RSS(pid); err == nil {
				w.peak.Store(max(w.peak.Load(), now-base))
				if now-base > most && !w.over.Swap(true) {
					abort()
				}
			}
			select {
			case <-w.quit:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return w
}

func (w *Watch) exceeded() bool { return w.over.Load() }

// Stop ends the watch and returns the largest growth seen.
func (w *Watch) Stop() int64 {
	select {
	case <-w.quit:
	default:
		close(w.quit)
	}
	<-w.done
	return w.peak.Load()
}
