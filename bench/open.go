package main

import (
	"fmt"

	"github.com/ropewalk/ropewalk/bench/internal/echo"
	"github.com/ropewalk/ropewalk/bench/internal/figures"
	"github.com/ropewalk/ropewalk/bench/internal/harness"
	"github.com/ropewalk/ropewalk/bench/internal/result"
)

// openShape is that of the open loop. Messages come on any of the connections; the depth is that of finding what can be borne.
var openShape = echo.Shape{Size: 64, Conns: 64, Depth: 1}

// share of what ours on epoll can bear: the same rate for all.
const share = 0.5

// openLoop are the steps of latency at half load.
func (b *bench) openLoop() []step {
	const workload = "open"
	if !b.wants("half load") {
		return nil
	}
	client := echo.Client{Path: b.load(), Mode: "frame"}
	c := call{mode: "frame", loops: "1"}
	rows := float64(b.count(c))
	var f *fleet
	return []step{
		{workload + ": starting the servers", rows * 0.05, func() (err error) {
			f, err = b.launch(c, false, func(s *harness.Server) error { return b.greet(client, s) })
			return err
		}},
		{workload, rows * float64(b.plan.rounds) * (b.plan.openTime + b.plan.warm + 0.1), func() error {
			rate, err := b.halfLoad(f, client)
			if err != nil {
				return err
			}
			title := fmt.Sprintf("%.0f messages a second at random times on %d connections", rate, openShape.Conns)
			return f.cell(trial{workload, "half load", title, b.plan.rounds,
				func(s *harness.Server) (result.Figures, error) {
					r, err := client.Open(b.ctx, s, openShape, rate, b.plan.warm, b.plan.openTime)
					if err == nil && r.Msgs == 0 {
						err = fmt.Errorf("%s: %w", s.Name, echo.ErrNothing)
					}
					return openFigures(r), err
				}, nil})
		}},
	}
}

// halfLoad returns half of the messages that our engine on epoll, or else the floor, answers in a second of a closed loop. On a busy
// machine that is less than it could with a core of its own: what others take of that core, an open loop has to do without, too.
func (b *bench) halfLoad(f *fleet, client echo.Client) (float64, error) {
	for _, name := range []string{"ropewalk-epoll", result.OursName, result.FloorName} {
		s := f.running[name]
		if s == nil {
			continue
		}
		var rates []float64
		for range 3 {
			r, err := client.Closed(b.ctx, s, openShape, b.plan.warm, b.plan.time)
			if err != nil {
				return 0, err
			}
			rates = append(rates, r.Rate())
		}
		if rate := figures.Median(rates); rate > 0 {
			return share * rate, nil
		}
	}
	return 0, fmt.Errorf("there is no server to find out what half load is")
}

func openFigures(r *echo.OpenResult) result.Figures {
	if r == nil || r.Seconds == 0 {
		return nil
	}
	f := result.Figures{
		"ops": r.Msgs, "busy": r.Busy, "rate": r.Msgs / r.Seconds,
		"p50_us": r.P50, "p99_us": r.P99, "p999_us": r.P999, "late_us": r.LateP99,
	}
	if r.CPU > 0 {
		f["cpu_ns"] = r.CPU
	}
	return f
}
