package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/echo"
	"github.com/ropewalk/ropewalk/bench/internal/harness"
	"github.com/ropewalk/ropewalk/bench/internal/result"
)

// alone makes a cell of servers that are measured one after the other, each in a process of its own, by one step for each of them.
func (b *bench) alone(workload, name, title string, c call, seconds float64, measure func(harness.Kind) (result.Figures, error)) []step {
	if !b.wants(name) {
		return nil
	}
	cell := &result.Cell{Workload: workload, Name: name, Title: title}
	var steps []step
	for _, s := range b.chosen() {
		if s.argv(c) == nil || s.twin() {
			continue
		}
		steps = append(steps, step{workload + ": " + s.Name, seconds, func() error {
			row := result.Row{Server: s.Name}
			b.dismiss()
			k, why := b.kind(s, c, false)
			if why == "" {
				figures, err := measure(k)
				switch {
				case err == nil:
					row.Rounds = []result.Figures{figures}
				case s.must() && b.ctx.Err() == nil:
					b.fail("%s: %s: %v", workload, s.Name, err)
					fallthrough
				default:
					why = err.Error()
				}
			}
			if row.Missing = why; why != "" {
				b.progress.logf("missing: %s: %s", s.Name, why)
			}
			cell.Rows = append(cell.Rows, row)
			return b.ctx.Err()
		}})
	}
	return append(steps, step{workload + ": done", 0, func() error { b.keep(*cell); return nil }})
}

// idle measures the memory of connections that have spoken once and are silent since.
func (b *bench) idle() []step {
	conns := b.plan.idleConns
	client := echo.Client{Path: b.load(), Mode: "frame"}
	trial := func(k harness.Kind, env ...string) (*harness.Idle, error) {
		return harness.IdleTrial{
			Kind: k, Env: env, Conns: conns, Settle: b.plan.idleSettle, Brief: true,
			Warm: func(s *harness.Server) error {
				_, err := client.Closed(b.ctx, s, echo.Shape{Size: 64, Conns: 8, Depth: 4}, 0, 0.1)
				return err
			},
			Hold: func(s *harness.Server) (*harness.Holder, error) {
				return harness.Hold(b.ctx, b.load(), s, time.Minute, "-m", "idle", "-c", strconv.Itoa(conns), "-s", "64")
			},
		}.Measure(b.ctx)
	}
	measure := func(k harness.Kind) (result.Figures, error) {
		m, err := trial(k)
		if err != nil {
			return nil, err
		}
		f := result.Figures{"conn_bytes": m.PerConn(), "base_mib": mib(m.Before)}
		if b.plan.idleGC && k.Go {
			if m, err = trial(k, "GOGC=20"); err != nil {
				return nil, err
			}
			f["conn_bytes_gc20"] = m.PerConn()
		}
		return f, nil
	}
	seconds := 1.6 + b.plan.idleSettle.Seconds() + float64(conns)/20000
	if b.plan.idleGC {
		seconds *= 2
	}
	return b.alone("idle", fmt.Sprint(conns), fmt.Sprintf("%d connections, one frame of 64 B echoed on each", conns),
		call{mode: "frame", loops: "1"}, seconds, measure)
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }
