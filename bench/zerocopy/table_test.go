package main

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// row makes a row of rounds that each took so many nanoseconds of CPU time.
func row(name string, cpu ...float64) series[fetched] {
	s := series[fetched]{Kind: kind{Name: name}}
	for _, ns := range cpu {
		s.Runs = append(s.Runs, &fetched{Requests: 2, Bytes: 2 << 20, Seconds: ns / 1e9, CPU: ns, UserTicks: 5, SysTicks: 15,
			Minor: 4, Major: 2, Voluntary: 6, Involuntary: 8, Disk: 1 << 20, Pages: 512, Resident: 512, Settled: true})
	}
	return s
}

func testCell() *cell {
	return &cell{size: size{name: "1MiB", bytes: 1 << 20}, cache: "warm", calls: map[string]float64{copying: 33, sending: 2},
		all: []series[fetched]{row(copying, 1000, 2000, 4000), row(copyingAgain, 1000, 2000, 4000), row(sending, 500, 1000, 1000)}}
}

// columns returns a row of a table by column.
func columns(t *testing.T, tb *table, name string) map[string]string {
	t.Helper()
	for _, r := range tb.Rows {
		if r[0] == name {
			by := map[string]string{}
			for i, c := range tb.Columns {
				by[c] = r[i]
			}
			return by
		}
	}
	t.Fatalf("no row %s in %q", name, tb.Rows)
	return nil
}

func TestCostTable(t *testing.T) {
	c, l := testCell(), newLab(t.Context())
	got := columns(t, c.costTable("x", copying, l.copies), sending)
	for column, want := range map[string]string{
		"CPU": "0.50", "wall": "0.50", "quartiles": "0.38-0.50", "CPU us": "0.500", "calls": "2.00", "mode sw": "4.00", "faults": "3.00",
		"vol": "3.00", "invol": "4.00", "copies": "0", "disk": "0.50",
	} {
		if got[column] != want {
			t.Errorf("%s: %q, want %q", column, got[column], want)
		}
	}
	if got := columns(t, c.costTable("x", copying, l.copies), copying); got["copies"] != "2" || got["CPU"] != "1.00" {
		t.Errorf("%v", got)
	}
}

func TestUserAndSystemNeedTicks(t *testing.T) {
	if u, k := userAndSystem(2, row("", 1, 1)); u != "0.500" || k != "1.50" {
		t.Errorf("%s, %s", u, k)
	}
	few := row("", 1)
	few.Runs[0].SysTicks = 1
	if u, k := userAndSystem(2, few); u != "?" || k != "?" {
		t.Errorf("6 ticks are enough: %s, %s", u, k)
	}
}

func TestNotesOfATable(t *testing.T) {
	c := testCell()
	c.why = errors.New("no tracefs")
	tb := c.costTable("x", copying, nil)
	c.cache = "cold"
	c.noteCache(tb)
	c.all[2].Runs[0].Settled = false
	c.noteUnsettled(tb)
	notes := strings.Join(tb.Notes, "\n")
	for _, want := range []string{"no tracefs", "no page was cold", sending + ": still busy"} {
		if !strings.Contains(notes, want) {
			t.Errorf("%q is missing in\n%s", want, notes)
		}
	}
	for _, s := range c.all {
		for _, r := range s.Runs {
			r.Resident = 0
		}
	}
	c.all[0].Runs[0].Resident = 512
	tb.Notes = nil
	c.noteCache(tb)
	if !strings.Contains(tb.Notes[0], "4096 of 4608 pages were cold (88.89 %) when they were asked for; most warm ones: "+copying) {
		t.Errorf("%q", tb.Notes)
	}
	c.all[0].Runs[0].Resident = 0
	tb.Notes = nil
	c.noteCache(tb)
	if !strings.Contains(tb.Notes[0], "4608 of 4608 pages were cold (100 %)") {
		t.Errorf("%q", tb.Notes)
	}
	if _, pages, worst := c.coldness(); pages != 4608 || worst != "" {
		t.Errorf("%v pages, %q", pages, worst)
	}
}

func TestNoise(t *testing.T) {
	c := testCell()
	c.all[1] = row(copyingAgain, 1000, 3000, 8000)
	if tb := c.costTable("x", copying, nil); !strings.Contains(strings.Join(tb.Notes, " "), "too noisy") {
		t.Errorf("%q", tb.Notes)
	}
}

func TestFigure(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.1234: "0.123", 0.9999: "1.00", 9.994: "9.99", 9.996: "10.0", 99.96: "100", 12345.6: "12346",
		math.Inf(1): "+Inf"} {
		if got := figure(v); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
	if figure(math.NaN()) != "-" || ratio(math.NaN()) != "-" {
		t.Error("what was not measured has a figure")
	}
}

func TestCopies(t *testing.T) {
	l := newLab(t.Context())
	l.notices["mmap + MSG_ZEROCOPY"] = "notices 200 copied 100"
	l.notices["ropewalk Map, ZeroCopy"] = "notices 64 copied 64"
	for row, want := range map[string]string{copying: "2", mapping: "1", sending: "0", "mmap + MSG_ZEROCOPY": "0+0.500",
		"mmap + uring send_zc": "0", "ropewalk Map, ZeroCopy": "1"} {
		if got := l.copies(row); got != want {
			t.Errorf("%s: %q, want %q", row, got, want)
		}
	}
	l.noticeTable()
	got := columns(t, l.report.Tables[0], "mmap + MSG_ZEROCOPY")
	if got["share"] != "50.0 %" || got["notices"] != "200" {
		t.Errorf("%v", got)
	}
}

func TestGoals(t *testing.T) {
	l, c := newLab(t.Context()), testCell()
	l.fileGoals([]*cell{c})
	if g := l.report.Goals[0]; g.Verdict() != "not measured: one of them is not there" {
		t.Errorf("%+v", g)
	}
	c.all = append(c.all, row(ourFile, 600, 1200, 1000), row(sendingLoop, 600, 600, 1000))
	l.fileGoals([]*cell{c})
	if g := l.report.Goals[1]; g.Verdict() != "LOST" || g.Got != 1.2 || !strings.Contains(g.What, "epoll: 1.00") {
		t.Errorf("%+v", g)
	}
	l.absent[haproxyRow] = "not installed"
	c.all = append(c.all, row(ourRelay, 1, 1, 1), row(goProxy, 2, 1, 1))
	l.streamGoals(c)
	if g := l.report.Goals[2]; g.Verdict() != "not measured: not installed" {
		t.Errorf("%+v", g)
	}
	if g := l.report.Goals[3]; g.Verdict() != "met" || g.Got != 1 {
		t.Errorf("%+v", g)
	}
}

func TestMarkdown(t *testing.T) {
	var r harness.Report
	tb := &table{Title: "T", Columns: []string{"a", "b"}, Notes: []string{"n"}}
	tb.Row("x|y", "1")
	r.Tables = append(r.Tables, tb)
	r.Goals.AtMost(1, 2, "g")
	r.Failures = append(r.Failures, "f")
	var text strings.Builder
	printMarkdown(&text, &r)
	for _, want := range []string{"### T\n\n| a | b |\n| --- | ---: |\n| x\\|y | 1 |\n\n- n\n", "| g | <= 1.00 | 2.00 | LOST |", "**FAILED**: f"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is missing in\n%s", want, text.String())
		}
	}
}
