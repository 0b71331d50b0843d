package main

import (
	"fmt"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

const (
	growthAllowed = 32 << 20  // more memory for one slow peer is a failure
	growthLimit   = 512 << 20 // and here the experiment is ended
)

// slow measures what a peer that sends and does not read does to a server:
// its memory must stay bounded, its other peers must not wait, and nothing
// may be lost once the peer reads.
func (b *bench) slow() error {
	t := &table{
		Title: fmt.Sprintf("A peer that sends %d MiB of %d KiB frames and does not read until it can send no more", b.slowMiB, slowFrame>>10),
		Columns: []string{"server", "RSS before MiB", "growth MiB", "taken unread MiB", "all intact",
			"p50 us before", "stalled", "drained", "p99 us before", "stalled", "drained"},
	}
	for _, k := range b.present(shipped(b.chosen(b.frameKinds()))) {
		b.report.Logf("  %s", k.Name)
		if err := b.slowRow(t, k); err != nil {
			if b.ctx.Err() != nil {
				return b.ctx.Err()
			}
			t.Note("%s: %v", k.Name, err)
			if isOurs(k) {
				b.report.Fail("slow: %s: %v", k.Name, err)
			}
		}
	}
	t.Note("taken unread = what the peer could send before it read a byte: mostly socket buffers; " +
		"drained = while the rest was sent and read at full speed, so others share the CPU with it")
	b.report.Add(t)
	return nil
}

func (b *bench) slowRow(t *table, k kind) error {
	s, err := b.start(k)
	if err != nil {
		return err
	}
	defer s.Stop()
	if _, err := b.probe(s, 0.2); err != nil { // warm
		return err
	}
	before, err := b.probe(s, 1)
	if err != nil {
		return err
	}
	base, err := harness.RSS(s.Pid())
	if err != nil {
		return err
	}

	p, err := newSlowPeer(s.Port, int64(b.slowMiB)<<20)
	if err != nil {
		return err
	}
	defer p.conn.Close()
	w := watchMemory(s.Pid(), base, func() { p.conn.Close() })
	defer w.stop()
	go p.send()
	taken := p.untilStalled()
	if w.exceeded() {
		return fmt.Errorf("took %d MiB without pausing and grew by more than %d MiB; ended there", taken>>20, growthLimit>>20)
	}
	stalled, err := b.probe(s, 1)
	if err != nil {
		return err
	}

	intact := make(chan error, 1)
	go func() { intact <- p.receive() }()
	drained, err := b.probe(s, 1)
	if err != nil {
		return err
	}
	select {
	case err = <-intact:
	case <-time.After(time.Minute):
		err = fmt.Errorf("only %d MiB came back in a minute", p.got.Load()>>20)
	}
	if err != nil {
		return err
	}
	growth := w.stop()
	t.Row(k.Name, harness.MiB(base), harness.MiB(growth), harness.MiB(taken), "yes",
		us(before.P50), us(stalled.P50), us(drained.P50), us(before.P99), us(stalled.P99), us(drained.P99))
	if growth > growthAllowed {
		return fmt.Errorf("memory grew by %s MiB, allowed are %d", harness.MiB(growth), growthAllowed>>20)
	}
	return nil
}

// probe measures the latency of a few other connections.
func (b *bench) probe(s *server, seconds float64) (*result, error) {
	return b.echo(s, "frame", cell{64, 4, 1}, 0.02, seconds)
}

func us(v float64) string { return fmt.Sprintf("%.0f", v) }
