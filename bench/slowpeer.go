package main

import (
	"fmt"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
	"github.com/ropewalk/ropewalk/bench/internal/result"
	"github.com/ropewalk/ropewalk/bench/internal/slow"
)

// slowPeer measures what a peer that sends and does not read does to a server and to its other peers.
func (b *bench) slowPeer() []step {
	t := slow.Trial{Load: b.load(), Bytes: b.plan.slowMiB << 20, Probe: b.plan.slowProbe}
	measure := func(k harness.Kind) (result.Figures, error) {
		r, err := t.Measure(b.ctx, k)
		if err != nil {
			return nil, err
		}
		if server := b.server(k.Name); r.Growth > slow.Allowed && server.Group == result.Ours {
			b.fail("slow: %s grew by %d MiB for one slow peer, allowed are %d", k.Name, r.Growth>>20, slow.Allowed>>20)
		}
		return result.Figures{
			"growth_mib": mib(max(r.Growth, 0)), "taken_mib": mib(r.Taken), "base_mib": mib(r.Base),
			"before_p99_us": r.Before.P99, "stalled_p99_us": r.Stalled.P99, "drained_p99_us": r.Drained.P99,
		}, nil
	}
	title := fmt.Sprintf("one peer sends %d MiB and reads nothing until it can send no more", b.plan.slowMiB)
	return b.alone("slow", fmt.Sprintf("%dMiB", b.plan.slowMiB), title,
		call{mode: "frame", loops: "1"}, 2+4*b.plan.slowProbe+float64(b.plan.slowMiB)/200, measure)
}
