package gnet

import (
	"sync/atomic"

	"github.com/ropewalk/ropewalk/transport/engine"
)

// counters are what a loop counts, and what it shows to other goroutines. Waits are gnet's, who does not tell how many they are;
// Reads are events with input, which is about the number of gnet's reads.
type counters struct {
	engine.Stats
	shown [8]atomic.Uint64
}

// publish shows the counts that have changed.
func (c *counters) publish() {
	for i, v := range [...]uint64{c.Reads, c.Writes, c.Files, c.Control, c.Pauses, c.WrittenBytes, c.FileBytes, c.RelayedBytes} {
		if v != c.shown[i].Load() {
			c.shown[i].Store(v)
		}
	}
}

// Stats implements engine.Group. Waits are zero, see counters.
func (g *engineGroup) Stats() engine.Stats {
	var sum engine.Stats
	for _, l := range g.loops {
		s := &l.calls.shown
		sum.Add(engine.Stats{
			Reads: s[0].Load(), Writes: s[1].Load(), Files: s[2].Load(), Control: s[3].Load(),
			Pauses: s[4].Load(), WrittenBytes: s[5].Load(), FileBytes: s[6].Load(), RelayedBytes: s[7].Load(),
		})
	}
	return sum
}
