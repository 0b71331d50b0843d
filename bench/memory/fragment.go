package main

import (
	"fmt"
	"slices"
)

// patterns of fragment, by name and in order.
var patterns = []struct {
	name, title string
	make        func(seed uint64, n int) pattern
}{
	{"random", "1,000 live buffers of 64 B to 256 KiB, replaced at random", randomWindow},
	{"phases", "16 MiB live, sizes drift from 256 B to 128 KiB and back, idle between", phases},
	{"exchange", "1,000 live messages by a histogram of sizes, released on another goroutine", exchange},
	{"pins", "2,000 live buffers of 64 B to 256 KiB come and go in waves, idle between, every 100th lives long", pins},
}

// fragmentGoal bounds held / live of Cache under the random pattern, over the whole run. At a moment it may be more: live goes up
// and down by a fifth within a thousand operations, and memory goes back to the system after seconds.
const fragmentGoal = 1.4

// fragment replays patterns, each on every allocator in a process of its own,
// and looks at what the allocators hold for what is live.
func (b *bench) fragment() error {
	for _, p := range patterns {
		t := &table{
			Title:   fmt.Sprintf("fragment %s: %s", p.name, p.title),
			Columns: []string{"", "held/live", "max", "end", "peak MiB", "live MiB", "RSS/live max", "end", "ns/op", "goal", "verdict"},
		}
		ops := 0
		err := b.replayAll(func() pattern { return p.make(b.seed, b.ops) }, childTask{Pattern: p.name, Ops: b.ops}, func(name string, f fragments) {
			b.report.keep("fragment", p.name, name, f)
			ops = f.Ops
			bound, verdict := "", ""
			if name == "Cache" && p.name == "random" {
				g := b.report.Goals.AtMost(fragmentGoal, f.HeldMean, "fragment %s: Cache, held / live, mean", p.name)
				bound, verdict = g.Bound(), g.Verdict()
			}
			t.Row(name, fmt.Sprintf("%.2f", f.HeldMean), fmt.Sprintf("%.2f", f.HeldMax), fmt.Sprintf("%.2f", f.HeldEnd), mib(f.PeakHeld), mib(f.PeakLive),
				fmt.Sprintf("%.2f", f.ResidentMax), fmt.Sprintf("%.2f", f.ResidentEnd), figure(f.Ns), bound, verdict)
		})
		if err != nil {
			return err
		}
		t.Note("%d operations, which is an hour at %.0f/s", ops, float64(ops)/3600)
		b.report.add(t)
	}
	return nil
}

// replayAll replays a pattern on every allocator.
func (b *bench) replayAll(p func() pattern, task childTask, found func(name string, f fragments)) error {
	for _, r := range rows {
		if !b.wants(r.name) {
			continue
		}
		task.Run, task.Row, task.Seed = "replay", r.name, b.seed
		b.logf("  %s %s", task.Pattern, r.name)
		var f fragments
		if err := b.inChild(task, &f); err != nil {
			return err
		}
		found(r.name, f)
	}
	if b.java == nil || !b.wants(nettySimple) {
		return nil
	}
	b.logf("  %s Netty", task.Pattern)
	f, err := b.nettyReplay(p())
	if err == nil {
		found(nettySimple, f)
	}
	return err
}

// wants tells whether fragment and footprint show a row.
func (b *bench) wants(row string) bool { return len(b.only) == 0 || slices.Contains(b.only, row) }
