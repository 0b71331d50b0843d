package std

import (
	"sync/atomic"
	"time"

	"github.com/ropewalk/ropewalk/transport/engine"
)

// counters are what a loop counts, and what it shows to other goroutines.
type counters struct {
	engine.Stats
	at    time.Duration // of the latest publish
	shown [9]atomic.Uint64
}

// staleAfter is how old the numbers of a busy loop may be: publishing them costs as much as a lock.
const staleAfter = time.Millisecond

// publish shows the counts. The loop's lock is held.
func (c *counters) publish() {
	for i, v := range [...]uint64{c.Waits, c.Reads, c.Writes, c.Files, c.Control, c.Pauses, c.WrittenBytes, c.FileBytes, c.RelayedBytes} {
		if v != c.shown[i].Load() {
			c.shown[i].Store(v)
		}
	}
}

// count publishes what there is. The loop's lock is held.
func (l *loop) count() {
	l.calls.Pauses, l.calls.RelayedBytes = l.Pauses(), uint64(l.RelayStats().Copied)
	l.calls.publish()
}

// Stats implements engine.Group. Where nobody holds the loop the numbers are those of now, else those of a moment ago.
func (g *engineGroup) Stats() engine.Stats {
	var sum engine.Stats
	for _, l := range g.loops {
		if l.mu.TryLock() {
			l.count()
			l.mu.Unlock()
		}
		s := &l.calls.shown
		sum.Add(engine.Stats{
			Waits: s[0].Load(), Reads: s[1].Load(), Writes: s[2].Load(), Files: s[3].Load(), Control: s[4].Load(),
			Pauses: s[5].Load(), WrittenBytes: s[6].Load(), FileBytes: s[7].Load(), RelayedBytes: s[8].Load(),
		})
	}
	return sum
}
