package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// idle measures the memory of connections that have spoken once and are
// silent since. Go servers run with the default GOGC, and once more with a
// small one, which comes near to what is in use: between collections a Go
// heap may be twice as large as that.
func (b *bench) idle() error {
	t := &table{
		Title: fmt.Sprintf("Idle memory: %d connections, one 64 B frame echoed on each", b.idleConns),
		Columns: []string{"server", "GOGC", "before MiB", "all open MiB", "settled MiB",
			"B/conn settled", "closed MiB"},
	}
	for _, k := range b.present(shipped(b.chosen(b.frameKinds()))) {
		settings := []string{""}
		if k.Go {
			settings = []string{"", "20"}
		}
		for _, gogc := range settings {
			b.report.Logf("  %s GOGC=%s", k.Name, gogc)
			if err := b.idleRow(t, k, gogc); err != nil {
				return err
			}
		}
	}
	t.Note("memory of the process; sockets take kernel memory besides, the same for all")
	b.report.Add(t)
	return nil
}

func (b *bench) idleRow(t *table, k kind, gogc string) error {
	var env []string
	label := "-"
	if k.Go {
		label = "default"
	}
	if gogc != "" {
		env, label = []string{"GOGC=" + gogc}, gogc
	}
	warm := func(s *server) error {
		_, err := b.echo(s, "frame", cell{64, 8, 4}, 0, 0.1)
		return err
	}
	hold := func(s *server) (*harness.Holder, error) {
		return harness.Hold(b.ctx, b.Bin("load"), s, time.Minute, "-m", "idle", "-c", strconv.Itoa(b.idleConns), "-s", "64")
	}
	m, err := harness.IdleTrial{Kind: k, Env: env, Conns: b.idleConns, Warm: warm, Hold: hold}.Measure(b.ctx)
	if err != nil {
		return err
	}
	t.Row(k.Name, label, harness.MiB(m.Before), harness.MiB(m.Open), harness.MiB(m.Settled),
		fmt.Sprintf("%.0f", m.PerConn()), harness.MiB(m.Closed))
	return nil
}
