//go:build linux

package epoll

import (
	"sync/atomic"

	"github.com/ropewalk/ropewalk/transport/engine"
)

// counters are what a loop counts, and what it shows to other goroutines.
type counters struct {
	engine.Stats
	shown [8]atomic.Uint64
}

// wrote counts what a call that sends bytes has returned, which is negative if it failed.
func (c *counters) wrote(n int) { c.WrittenBytes += uint64(max(n, 0)) }

// publish shows the counts. A store that other processors see costs as much as several additions, so it is done once a
// turn, for what has changed.
func (c *counters) publish() {
	for i, v := range [...]uint64{c.Waits, c.Reads, c.Writes, c.Files, c.Control, c.Pauses, c.WrittenBytes, c.FileBytes} {
		if v != c.shown[i].Load() {
			c.shown[i].Store(v)
		}
	}
}

// Stats implements engine.Group.
func (g *group) Stats() engine.Stats {
	var sum engine.Stats
	for _, l := range g.loops {
		s := &l.calls.shown
		sum.Add(engine.Stats{
			Waits: s[0].Load(), Reads: s[1].Load(), Writes: s[2].Load(), Files: s[3].Load(), Control: s[4].Load(),
			Pauses: s[5].Load(), WrittenBytes: s[6].Load(), FileBytes: s[7].Load(),
		})
	}
	return sum
}
