package result

import "fmt"

// cpu is the metric that goals are about.
const cpu = "cpu_ns"

// What was to be reached, as multiples of the floor in C, by workload. Those with two loops on two shared cores have none: their
// floor has one.
var floorGoals = map[string]float64{"raw": 1.15, "frames": 1.25}

// Conclude makes the goals out of the figures: in every cell whose servers are ranked by CPU, ours first or level with the best
// Go or Java peer, and within a multiple of the floor.
func (f *File) Conclude() {
	f.Goals = nil
	for i := range f.Cells {
		c := &f.Cells[i]
		if f.Workload(c.Workload).Compared[0] != cpu {
			continue
		}
		f.firstOrLevel(c)
		if most, ok := floorGoals[c.Workload]; ok {
			f.nearFloor(c, most)
		}
	}
}

// firstOrLevel compares with the best peer.
func (f *File) firstOrLevel(c *Cell) {
	most := 1 + min(Margin(c.Noise(cpu)), f.Options.NoiseLimit)
	what := c.ID() + ": CPU / best peer"
	peer := f.BestPeer(c, cpu)
	switch {
	case c.Row(OursName) == nil:
		f.Goals.NotMeasured(most, OursName+" has no figures here", "%s", what)
	case peer == "":
		f.Goals.NotMeasured(most, "no peer", "%s", what)
	default:
		f.judge(c, most, peer, "CPU / "+peer)
	}
}

func (f *File) nearFloor(c *Cell, most float64) {
	if c.Row(OursName) == nil || c.Row(FloorName) == nil {
		f.Goals.NotMeasured(most, "no figure", "%s: CPU / floor", c.ID())
		return
	}
	f.judge(c, most, FloorName, "CPU / floor")
}

// judge notes a goal. In a cell that is too noisy only what is beyond that noise counts, for us or against us.
func (f *File) judge(c *Cell, most float64, base, what string) {
	s, noise := c.Ratio(OursName, base, cpu), c.Noise(cpu)
	what = fmt.Sprintf("%s: %s (quartiles %s)", c.ID(), what, s.Quartiles())
	if f.Noisy(c, cpu) && s.Median < most*(1+noise) && s.Median > most/(1+noise) {
		f.Goals.NotMeasured(most, fmt.Sprintf("%.2f, with a noise of %.0f %%", s.Median, 100*noise), "%s", what)
		return
	}
	f.Goals.AtMost(most, s.Median, "%s", what)
}
