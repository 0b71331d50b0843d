//go:build linux

package socket

import (
	"sync/atomic"

	"github.com/ropewalk/ropewalk/transport/engine"
)

// Counters are what a loop counts, and what it shows to other goroutines.
type Counters struct {
	engine.Stats
	shown [14]atomic.Uint64
}

// wrote counts what a call that sends bytes has returned, which is negative if it failed.
func (c *Counters) wrote(n int) { c.WrittenBytes += uint64(max(n, 0)) }

// publish shows the counts. A store that other processors see costs as much as several additions, so it is done once a
// turn, for what has changed.
func (c *Counters) publish() {
	for i, v := range [...]uint64{c.Waits, c.Reads, c.Writes, c.Files, c.Control, c.Pauses, c.WrittenBytes, c.FileBytes,
		c.ZeroCopySends, c.ZeroCopyBytes, c.ZeroCopyCopied, c.Splices, c.SplicedBytes, c.RelayedBytes} {
		if v != c.shown[i].Load() {
			c.shown[i].Store(v)
		}
	}
}

// Stats implements engine.Group.
func (g *Group) Stats() engine.Stats {
	var sum engine.Stats
	for _, l := range g.loops {
		s := &l.Calls.shown
		sum.Add(engine.Stats{
			Waits: s[0].Load(), Reads: s[1].Load(), Writes: s[2].Load(), Files: s[3].Load(), Control: s[4].Load(),
			Pauses: s[5].Load(), WrittenBytes: s[6].Load(), FileBytes: s[7].Load(),
			ZeroCopySends: s[8].Load(), ZeroCopyBytes: s[9].Load(), ZeroCopyCopied: s[10].Load(),
			Splices: s[11].Load(), SplicedBytes: s[12].Load(), RelayedBytes: s[13].Load(),
		})
	}
	return sum
}
