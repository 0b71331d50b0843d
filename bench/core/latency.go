package main

import (
	"fmt"
	"slices"

	"github.com/ropewalk/ropewalk/bench/internal/echo"
	"github.com/ropewalk/ropewalk/bench/internal/figures"
	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// latencyCell is the shape of the load: messages come on any of the connections, so depth is that of finding the capacity.
var latencyCell = cell{Size: 64, Conns: 64, Depth: 1}

const (
	latencyShare = 0.5 // of what epoll can do
	lateLimit    = 100 // us
	latencyTimes = 2.5 // as long as a closed loop: p99.9 needs many messages
)

// latency measures how long answers take at half of the load that the epoll engine can bear: messages come at random times,
// whatever the server does, and their latency counts from when they were due.
func (b *bench) latency() error {
	rows := []string{floor, ringFloor, onEpoll, onEpollAgain, onUring}
	if len(b.servers) > 0 {
		rows = append([]string{onEpoll}, b.servers...)
	}
	kinds := b.verified(named(b.frameKinds(), rows...))
	rate, err := b.halfOfEpoll(kinds)
	if err != nil {
		return err
	}
	b.report.Logf("  %.0f messages/s: %s", rate, names(kinds))
	all, err := harness.Rounds(b.ctx, b.report.Logf, kinds, b.rounds, func(s *server) (*openResult, error) {
		return b.client().Open(b.ctx, s, latencyCell, rate, b.warm, latencyTimes*b.time)
	})
	if err != nil {
		return err
	}
	b.report.Add(b.latencyTable(rate, all))
	harness.Keep(&b.report, "latency", fmt.Sprintf("%.0f/s", rate), all)
	return nil
}

// halfOfEpoll returns half of the messages that the epoll engine can answer in a second with a core of its own.
func (b *bench) halfOfEpoll(kinds []kind) (float64, error) {
	if b.rate > 0 {
		return b.rate, nil
	}
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.Name == onEpoll })
	if i < 0 {
		return 0, fmt.Errorf("no %s to find the capacity of; give -rate", onEpoll)
	}
	all, err := harness.Rounds(b.ctx, b.report.Logf, kinds[i:i+1], 5, func(s *server) (*result, error) {
		return b.echo(s, latencyCell, b.warm, b.time)
	})
	if err != nil {
		return 0, err
	}
	cost := median(harness.Values(all[0], func(r *result) float64 { return r.CPU }))
	if !(cost > 0) {
		return 0, echo.ErrNothing
	}
	return latencyShare * 1e9 / cost, nil
}

func (b *bench) latencyTable(rate float64, all []series[openResult]) *table {
	t := &table{Title: fmt.Sprintf("Latency, framed echo of %d B, %d connections, %.0f messages/s at random times",
		latencyCell.Size, latencyCell.Conns, rate),
		Columns: []string{"server", "p50 us", "/epoll", "quartiles", "p99 us", "/epoll", "quartiles", "p99.9 us", "/epoll", "quartiles",
			"max us", "late p99 us", "CPU ns", "/epoll", "busy", "rounds"}}
	base, _ := harness.Find(all, onEpoll)
	late := median(harness.Values(base, func(r *openResult) float64 { return r.LateP99 }))
	for _, s := range all {
		of := func(f func(*openResult) float64) float64 { return median(harness.Values(s, f)) }
		row := []string{s.Kind.Name}
		for _, q := range latencyFigures {
			ratio := harness.SpreadOf(harness.Ratios(s, base, q.figure))
			row = append(row, us(of(q.figure)), fmt.Sprintf("%.2f", ratio.Median), fmt.Sprintf("%.2f-%.2f", ratio.Q1, ratio.Q3))
			if s.Kind.Name == onUring {
				b.latencyGoal(t, q.name, ratio, late)
			}
		}
		cpu := func(r *openResult) float64 { return r.CPU }
		t.Row(append(row, us(of(func(r *openResult) float64 { return r.Max })), us(of(func(r *openResult) float64 { return r.LateP99 })),
			us(of(cpu)), fmt.Sprintf("%.2f", median(harness.Ratios(s, base, cpu))),
			fmt.Sprintf("%.2f", of(func(r *openResult) float64 { return r.Busy })), fmt.Sprint(len(harness.Values(s, cpu))))...)
	}
	if late > lateLimit {
		t.Note("contended: the load generator was %.0f us late itself, one time in a hundred: these are not the servers' own latencies", late)
	}
	if why := b.why(onUring); why != "" {
		b.report.Goals.NotMeasured(1, why, "latency at half load")
	}
	b.noteAbsent(t, onUring, ringFloor)
	return t
}

// latencyGoal notes whether a latency of io_uring is no worse than that of epoll, as far as that could be seen.
func (b *bench) latencyGoal(t *table, name string, ratio figures.Spread, late float64) {
	const what = "latency at half load: %s of uring/epoll, lower quartile (median %.2f)"
	if late > lateLimit {
		b.report.Goals.NotMeasured(1, "the load generator was late itself", what, name, ratio.Median)
		return
	}
	g := b.report.Goals.AtMost(1, ratio.Q1, what, name, ratio.Median)
	t.Note("goal: %s of %s is no worse than that of epoll in a quarter of the rounds or more: %s", name, onUring, g.Verdict())
}

var latencyFigures = []struct {
	name   string
	figure func(*openResult) float64
}{
	{"p50", func(r *openResult) float64 { return r.P50 }},
	{"p99", func(r *openResult) float64 { return r.P99 }},
	{"p99.9", func(r *openResult) float64 { return r.P999 }},
}
