package mem

import (
	"sync/atomic"

	"github.com/ropewalk/ropewalk/transport/engine"
)

// counters are what a loop counts, and what it shows to other goroutines.
type counters struct {
	engine.Stats
	published [9]atomic.Uint64
}

// publish shows the counts, once a turn.
func (c *counters) publish() {
	for i, v := range [...]uint64{c.Waits, c.Reads, c.Writes, c.Files, c.Control, c.WrittenBytes, c.FileBytes, c.Pauses, c.RelayedBytes} {
		if v != c.published[i].Load() {
			c.published[i].Store(v)
		}
	}
}

// shown returns what was published last.
func (c *counters) shown() engine.Stats {
	s := &c.published
	return engine.Stats{
		Waits: s[0].Load(), Reads: s[1].Load(), Writes: s[2].Load(), Files: s[3].Load(), Control: s[4].Load(),
		WrittenBytes: s[5].Load(), FileBytes: s[6].Load(), Pauses: s[7].Load(), RelayedBytes: s[8].Load(),
	}
}
