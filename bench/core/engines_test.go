package main

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// TestContestCells holds that the cells of the issue are all there.
func TestContestCells(t *testing.T) {
	if n := len(contests[0].cells); n != 18 {
		t.Errorf("%d cells on io_uring, want 3 sizes x 3 connections x 2 depths", n)
	}
	for _, c := range contests[0].cells {
		want := 1.05
		if c.Conns == 1000 {
			want = 1.10
		}
		if got := uringLimit(c); got != want {
			t.Errorf("%s: limit %v, want %v", c, got, want)
		}
	}
}

func TestRowsOfEngines(t *testing.T) {
	b := &bench{Builder: &harness.Builder{Dir: "/bin"}, examples: map[string][]string{"frames": {"/bin/frames"}}}
	for _, k := range b.frameKinds() {
		at := slices.Index(k.Argv, "-engine")
		want := map[string]string{onEpoll: "epoll", onEpollAgain: "epoll", onUring: "uring", onStd: "std", onGnet: "gnet"}[k.Name]
		if isOurs(k) != (want != "") || isOurs(k) != (at > 0) {
			t.Errorf("%s: %q", k.Name, k.Argv)
		}
		if at > 0 && (k.Argv[at+1] != want || k.Optional != (want != "epoll")) {
			t.Errorf("%s: -engine %s, optional %v", k.Name, k.Argv[at+1], k.Optional)
		}
	}
	for _, c := range contests {
		for _, p := range c.compared {
			if !slices.Contains(c.rows, p.ours) || !slices.Contains(c.rows, p.base) {
				t.Errorf("%s: %s has no row", c.title, p.label)
			}
		}
		if n := len(named(b.frameKinds(), c.rows...)); n != len(c.rows) {
			t.Errorf("%s: only %d of its %d rows can be run", c.title, n, len(c.rows))
		}
	}
	if got := names(b.chosen(b.frameKinds())); strings.Contains(got, "uring") || strings.Contains(got, onStd) {
		t.Errorf("the usual rows are %s", got)
	}
	b.servers = []string{onUring}
	if got := names(b.chosen(b.frameKinds())); got != "c, c again, ropewalk-uring" {
		t.Errorf("-servers ropewalk-uring: %s", got)
	}
}

func runs(name string, cpu ...float64) series[result] {
	s := series[result]{Kind: kind{Name: name}}
	for _, v := range cpu {
		s.Runs = append(s.Runs, &result{CPU: v, Busy: 1})
	}
	return s
}

// TestVerdictOfACell uses figures whose ratios are known: what counts is the ratio within a round.
func TestVerdictOfACell(t *testing.T) {
	b := &bench{absent: map[string]string{}}
	c := contests[0]
	all := []series[result]{
		runs(onEpoll, 100, 200, 400), runs(onUring, 108, 216, 432), runs(ringFloor, 120, 240, 480), runs(onEpollAgain, 100, 200, 400),
	}
	tab := c.table([]kind{{Name: onEpoll}, {Name: onUring}, {Name: ringFloor}, {Name: onEpollAgain}})
	c.row(b, tab, cell{Size: 64, Conns: 64, Depth: 1}, all)
	c.row(b, tab, cell{Size: 64, Conns: 1000, Depth: 1}, all)
	alone := c.table([]kind{{Name: onEpoll}})
	c.row(b, alone, cell{Size: 64, Conns: 64, Depth: 1}, all[:1])
	for _, tab := range []*table{tab, alone} {
		for _, row := range tab.Rows {
			if len(row) != len(tab.Columns) {
				t.Errorf("%d cells for %d columns: %q", len(row), len(tab.Columns), row)
			}
		}
	}
	if v := last(tab.Rows[0]); v != "LOST uring/epoll <= 1.05" {
		t.Errorf("8 %% more than epoll: %q", v)
	}
	if v := last(tab.Rows[1]); v != "met" {
		t.Errorf("8 %% more than epoll at 1000 connections: %q", v)
	}
	if v := last(alone.Rows[0]); v != "-" {
		t.Errorf("nothing to compare: %q", v)
	}
	if goals := b.report.Goals; len(goals) != 4 || goals[0].Met || math.Abs(goals[0].Got-1.08) > 1e-9 || !goals[1].Met {
		t.Errorf("%+v", goals)
	}
	b.absent[onUring] = "refused"
	c.row(b, alone, cell{Size: 64, Conns: 64, Depth: 1}, all[:1])
	if goals := b.report.Goals; len(goals) != 6 || goals[4].Missing == "" || goals[4].Met {
		t.Errorf("an engine that does not start has not met its goals: %+v", goals[4:])
	}
}

func last(row []string) string { return row[len(row)-1] }

func TestLatencyTable(t *testing.T) {
	b := &bench{absent: map[string]string{}}
	at := func(name string, p99 ...float64) series[openResult] {
		s := series[openResult]{Kind: kind{Name: name}}
		for _, v := range p99 {
			s.Runs = append(s.Runs, &openResult{CPU: 100, P50: 10, P99: v, P999: 2 * v})
		}
		return s
	}
	tab := b.latencyTable(1000, []series[openResult]{at(onEpoll, 10, 20, 30, 40), at(onUring, 20, 30, 40, 50)})
	for _, row := range tab.Rows {
		if len(row) != len(tab.Columns) {
			t.Errorf("%d cells for %d columns: %q", len(row), len(tab.Columns), row)
		}
	}
	if g := b.report.Goals; len(g) != 3 || !g[0].Met || g[1].Met || g[2].Met {
		t.Errorf("p50 is the same, the others are worse in all rounds: %+v", g)
	}
	slow := at(onEpoll, 10, 20)
	for _, r := range slow.Runs {
		r.LateP99 = 2 * lateLimit
	}
	b.latencyTable(1000, []series[openResult]{slow, at(onUring, 1, 2)})
	if g := b.report.Goals[3:]; len(g) != 3 || g[0].Met || g[0].Missing == "" {
		t.Errorf("a load generator that is late itself has measured nothing: %+v", g)
	}
}

func TestCallRow(t *testing.T) {
	if got := perMessage(5, &result{TotalMsgs: 100}); got != "0.050" {
		t.Errorf("%s", got)
	}
	seen := map[int]string{}
	for _, g := range callGroups {
		for _, n := range g.Numbers {
			if seen[n] != "" {
				t.Errorf("call %d is in %s and in %s", n, seen[n], g.Name)
			}
			seen[n] = g.Name
		}
	}
}
