package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/echo"
	"github.com/ropewalk/ropewalk/bench/internal/harness"
	"github.com/ropewalk/ropewalk/bench/internal/result"
)

// under is how many connections are under way at a time.
const under = 64

// conns are the steps of connections that come, say one thing, and go.
func (b *bench) conns() []step {
	const workload = "conns"
	if !b.wants("64") {
		return nil
	}
	run := func(s *harness.Server, warm, seconds float64) (*harness.Result, error) {
		r := new(harness.Result)
		err := harness.Load(b.ctx, b.load(), s, 20*time.Second, r, "-m", "conns", "-c", strconv.Itoa(under), "-s", "64",
			"-w", fmt.Sprint(warm), "-t", fmt.Sprint(seconds))
		if err == nil && r.Msgs == 0 {
			err = echo.ErrNothing
		}
		return r, err
	}
	t := trial{workload, strconv.Itoa(under), fmt.Sprintf("connect, echo 64 B, close; %d at a time", under), b.plan.rounds,
		func(s *harness.Server) (result.Figures, error) {
			r, err := run(s, b.plan.warm, b.plan.time)
			return figuresOf(r), err
		},
		func(s *harness.Server, times float64) (float64, error) {
			r, err := run(s, 0, times*b.plan.once)
			return r.TotalMsgs, err
		}}
	return b.together(workload, call{mode: "frame", loops: "1"}, func(s *harness.Server) error {
		return b.greet(echo.Client{Path: b.load(), Mode: "frame"}, s)
	}, t, b.plan.warm+b.plan.time)
}

// together are the steps of a workload of one or more cells whose servers all run at the same time.
func (b *bench) together(workload string, c call, verify func(*harness.Server) error, t trial, round float64) []step {
	var f *fleet
	rows := float64(b.count(c))
	return []step{
		{workload + ": starting the servers", 0.05 * rows, func() (err error) {
			f, err = b.launch(c, false, verify)
			return err
		}},
		{workload + " " + t.name, rows * (float64(b.plan.rounds)*(round+0.05) + 4*b.plan.once + 0.1), func() error {
			return f.cell(t)
		}},
	}
}

// count is how many rows can do what is called for.
func (b *bench) count(c call) (n int) {
	for _, s := range b.chosen() {
		if s.argv(c) != nil {
			n++
		}
	}
	return n
}
