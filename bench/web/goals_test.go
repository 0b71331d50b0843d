package main

import (
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// rows makes a series of each name, with the CPU time of each round.
func rows(figures map[string][]float64) []series {
	var all []series
	for name, values := range figures {
		s := series{Kind: kind{Name: name}}
		for _, v := range values {
			s.Runs = append(s.Runs, &result{CPU: v, Msgs: 1, Seconds: 1, Busy: 1})
		}
		all = append(all, s)
	}
	return all
}

func TestGoalIsComparedWithTheBestPeer(t *testing.T) {
	all := rows(map[string][]float64{ours: {80, 90, 70}, "slow": {200, 200, 200}, "fast": {100, 100, 100}})
	var list figures.Goals
	table := new(figures.Table)
	goal{0.8, []string{"slow", "fast", "absent"}}.judge(&list, table, "cell", all, map[string]string{"absent": "not here"})
	if len(list) != 1 || list[0].Got != 0.8 || !list[0].Met || !strings.Contains(list[0].What, "CPU / fast ") {
		t.Errorf("%+v", list)
	}
	if len(table.Notes) != 1 || !strings.Contains(table.Notes[0], "met") {
		t.Errorf("%q", table.Notes)
	}
}

func TestGoalThatCannotBeMeasuredSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		figures map[string][]float64
		absent  map[string]string
		want    string
	}{
		"no peer":    {map[string][]float64{ours: {1}}, map[string]string{"nginx": "there is no nginx"}, "nginx is missing: there is no nginx"},
		"not chosen": {map[string][]float64{ours: {1}}, nil, "-servers has left it out"},
		"not ours":   {map[string][]float64{"nginx": {1}}, map[string]string{ours: "does not build"}, "does not build"},
	} {
		var list figures.Goals
		goal{0.8, []string{"nginx"}}.judge(&list, new(figures.Table), "cell", rows(c.figures), c.absent)
		if len(list) != 1 || list[0].Met || list[0].Missing != c.want {
			t.Errorf("%s: %+v", name, list)
		}
	}
}

func TestGoalOfServersThatWereNotAskedFor(t *testing.T) {
	var list figures.Goals
	goal{0.8, []string{"nginx"}}.judge(&list, new(figures.Table), "cell", rows(map[string][]float64{"nginx": {1}}), nil)
	if len(list) != 0 {
		t.Errorf("%+v", list)
	}
}

func TestTableComparesWithinRounds(t *testing.T) {
	all := rows(map[string][]float64{harness.Floor: {100, 200, 400}})
	all = append(all, rows(map[string][]float64{"peer": {150, 300, 600}})...)
	got := cell{title: "Title", unit: "request", refs: []string{"peer", "nobody"}}.table(all)
	if want := "server,CPU/c,quartiles,/peer,CPU ns"; strings.Join(got.Columns[:5], ",") != want {
		t.Errorf("columns %q", got.Columns)
	}
	if want := "c,1.00,1.00-1.00,0.67,200"; strings.Join(got.Rows[0][:5], ",") != want {
		t.Errorf("row %q, want %s", got.Rows[0], want)
	}
	if want := "peer,1.50,1.50-1.50,1.00,300"; strings.Join(got.Rows[1][:5], ",") != want {
		t.Errorf("row %q, want %s", got.Rows[1], want)
	}
}

func TestMissingServersAreNamed(t *testing.T) {
	b := &bench{ctx: t.Context(), missing: map[string]string{"nginx": "there is no nginx"}}
	kinds := []kind{{Name: "nginx"}, {Name: "broken", Argv: []string{"/nowhere/at/all"}}}
	good, absent := b.present("files", kinds, func(*server) error { return nil })
	if len(good) != 0 || absent["nginx"] != "there is no nginx" || absent["broken"] == "" {
		t.Errorf("%v %v", good, absent)
	}
	if len(b.report.Failures) != 1 || !strings.Contains(b.report.Failures[0], "broken") {
		t.Errorf("a missing program is no failure, a broken one is: %q", b.report.Failures)
	}
	b.conclude("files", cell{name: "1", title: "Title", goals: []goal{{1, []string{"nginx"}}}}, nil, absent)
	if notes := strings.Join(b.report.Tables[0].Notes, "\n"); !strings.Contains(notes, "missing: nginx: there is no nginx") {
		t.Errorf("notes %q", notes)
	}
}
