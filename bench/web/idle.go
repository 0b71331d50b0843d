package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// idleGoal is how many bytes an idle WebSocket of ours may take.
const idleGoal = 700

// idleSize is the payload of the message that each connection echoes before it is silent.
const idleSize = "125"

// idle measures the memory of WebSockets that have spoken once and are silent since. Go servers run with the default GOGC,
// and once more with a small one, which comes near to what is in use.
func (b *bench) idle() error {
	t := &figures.Table{
		Title:   fmt.Sprintf("Idle memory: %d WebSockets, one message of %s B echoed on each", b.idleConns, idleSize),
		Columns: []string{"server", "GOGC", "before MiB", "all open MiB", "settled MiB", "B/conn settled", "closed MiB"},
	}
	for _, k := range b.idleKinds() {
		if why := b.missing[k.Name]; why != "" {
			t.Note("missing: %s: %s", k.Name, why)
			if k.Name == ours {
				b.report.Goals.NotMeasured(idleGoal, why, "idle: bytes of a connection")
			}
			continue
		}
		for _, gogc := range settings(k) {
			if err := b.idleRow(t, k, gogc); err != nil {
				if b.ctx.Err() != nil {
					return b.ctx.Err()
				}
				b.report.Fail("idle: %s: %v", k.Name, err)
			}
		}
	}
	t.Note("memory of the process; sockets take kernel memory besides, the same for all")
	b.report.Add(t)
	return nil
}

// settings are the values of GOGC that a server is measured with.
func settings(k kind) []string {
	if k.Go {
		return []string{"default", "20"}
	}
	return []string{"-"}
}

func (b *bench) idleRow(t *figures.Table, k kind, gogc string) error {
	b.report.Logf("  %s GOGC=%s", k.Name, gogc)
	trial := harness.IdleTrial{Kind: k, Conns: b.idleConns, Settle: b.settle}
	if gogc == "20" {
		trial.Env = []string{"GOGC=20"}
	}
	trial.Warm = func(s *server) error {
		return harness.Load(b.ctx, b.Bin("load"), s, time.Minute, new(result),
			"-m", "ws", "-s", idleSize, "-c", "8", "-d", "4", "-w", "0", "-t", "0.1")
	}
	trial.Hold = func(s *server) (*harness.Holder, error) {
		return harness.Hold(b.ctx, b.Bin("load"), s, time.Minute, "-m", "ws-idle", "-c", strconv.Itoa(b.idleConns), "-s", idleSize)
	}
	m, err := trial.Measure(b.ctx)
	if err != nil {
		return err
	}
	t.Row(k.Name, gogc, harness.MiB(m.Before), harness.MiB(m.Open), harness.MiB(m.Settled),
		fmt.Sprintf("%.0f", m.PerConn()), harness.MiB(m.Closed))
	if k.Name == ours && gogc == "default" {
		g := b.report.Goals.AtMost(idleGoal, m.PerConn(), "idle: bytes of a connection")
		t.Note("goal: bytes of a connection %s: %s", g.Bound(), g.Verdict())
	}
	return nil
}
