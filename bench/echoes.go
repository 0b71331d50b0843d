package main

import (
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/echo"
	"github.com/ropewalk/ropewalk/bench/internal/harness"
	"github.com/ropewalk/ropewalk/bench/internal/result"
	"github.com/ropewalk/ropewalk/bench/internal/verify"
)

// echoes are the steps of a workload that sends back what it gets.
func (b *bench) echoes(workload, mode string, free bool, shapes []echo.Shape) []step {
	shapes = b.shapes(shapes)
	if len(shapes) == 0 {
		return nil
	}
	client := echo.Client{Path: b.load(), Mode: mode}
	loops := "1"
	if free {
		loops = "2"
	}
	var f *fleet
	c := call{mode: mode, loops: loops}
	rows := float64(b.count(c))
	steps := []step{{workload + ": starting the servers, comparing every byte", 0.5 * rows, func() (err error) {
		f, err = b.launch(c, free, func(s *harness.Server) error { return b.greet(client, s) })
		return err
	}}}
	for _, shape := range shapes {
		measure := func(s *harness.Server) (result.Figures, error) {
			r, err := client.Closed(b.ctx, s, shape, shape.WarmUp(b.plan.warm), b.plan.time)
			if err == nil && r.Msgs == 0 {
				err = echo.ErrNothing
			}
			return figuresOf(r), err
		}
		counted := func(s *harness.Server, times float64) (float64, error) {
			r, err := client.Closed(b.ctx, s, shape, shape.WarmUp(0), times*b.plan.once)
			if err != nil {
				return 0, err
			}
			return r.TotalMsgs, nil
		}
		seconds := float64(b.plan.rounds)*(shape.WarmUp(b.plan.warm)+b.plan.time+0.05) + 4*b.plan.once + 2*shape.WarmUp(0.1)
		steps = append(steps, step{workload + " " + shape.String(), rows * seconds, func() error {
			return f.cell(trial{workload, shape.String(), shape.Title(), b.plan.rounds, measure, counted})
		}})
	}
	return steps
}

// greet compares every byte, once for each server and mode.
func (b *bench) greet(client echo.Client, s *harness.Server) error {
	return b.once("echo of "+client.Mode, func(s *harness.Server) error {
		return verify.Echo(b.ctx, b.load(), s, client.Mode, 40*time.Millisecond)
	})(s)
}

// shapes are those of -cells, or these.
func (b *bench) shapes(usual []echo.Shape) []echo.Shape {
	if len(b.only.cells) == 0 {
		return usual
	}
	var all []echo.Shape
	for _, text := range b.only.cells {
		if s, err := echo.Parse(text); err == nil {
			all = append(all, s)
		}
	}
	return all
}

// figuresOf takes over what the load generator says after a closed loop.
func figuresOf(r *harness.Result) result.Figures {
	if r == nil {
		return nil
	}
	f := result.Figures{
		"ops": r.Msgs, "user_ticks": r.UserTicks, "sys_ticks": r.SysTicks, "busy": r.Busy,
		"p50_us": r.P50, "p99_us": r.P99, "p999_us": r.P999, "load_ns": r.OwnCPU,
	}
	if r.Seconds > 0 {
		f["rate"] = r.Rate()
	}
	if r.CPU > 0 { // none at all was given within the window, on a busy machine
		f["cpu_ns"] = r.CPU
	}
	return f
}
