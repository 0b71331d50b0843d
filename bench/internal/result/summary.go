package result

import (
	"fmt"
	"strings"
)

// Summary says in a line how ours does in a cell.
func (f *File) Summary(c *Cell) string {
	w := f.Workload(c.Workload)
	var parts []string
	for _, name := range w.Compared {
		m, _ := MetricOf(name)
		own := c.Row(OursName)
		if own == nil {
			return OursName + " has no figures here"
		}
		text := fmt.Sprintf("%s %s", m.Label(), m.Format(own.Value(name)))
		if s := c.Ratio(OursName, FloorName, name); s.Rounds > 0 && m.Most == 0 {
			text += fmt.Sprintf(", %.2f of the floor", s.Median)
		}
		if peer := f.BestPeer(c, name); peer != "" && m.Most == 0 {
			text += fmt.Sprintf(", %.2f of %s, the best peer", c.Ratio(OursName, peer, name).Median, peer)
		}
		if noise := c.Noise(name); noise > f.Options.NoiseLimit {
			text += fmt.Sprintf(" (NOISY: %.0f %%)", 100*noise)
		}
		parts = append(parts, text)
	}
	return OursName + ": " + strings.Join(parts, "; ")
}
