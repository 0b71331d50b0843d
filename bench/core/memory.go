package main

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// memoryWatch follows a server's memory.
type memoryWatch struct {
	peak atomic.Int64 // over the base
	over atomic.Bool
	quit chan struct{}
	done chan struct{}
}

// watchMemory samples until it is stopped, and calls abort should the server
// outgrow all reason.
func watchMemory(pid int, base int64, abort func()) *memoryWatch {
	w := &memoryWatch{quit: make(chan struct{}), done: make(chan struct{})}
	w.peak.Store(math.MinInt64)
	go func() {
		defer close(w.done)
		for {
			if now, err := harness.RSS(pid); err == nil {
				w.peak.Store(max(w.peak.Load(), now-base))
				if now-base > growthLimit && !w.over.Swap(true) {
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

func (w *memoryWatch) exceeded() bool { return w.over.Load() }

// stop ends the watch and returns the largest growth seen.
func (w *memoryWatch) stop() int64 {
	select {
	case <-w.quit:
	default:
		close(w.quit)
	}
	<-w.done
	return w.peak.Load()
}
