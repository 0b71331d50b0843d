package page

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
	"github.com/ropewalk/ropewalk/bench/internal/result"
)

const (
	overviewOurs  = "Server / ropewalk, in the same round: above 1 it takes more than ropewalk does, below 1 ropewalk loses"
	overviewFloor = "Server / floor in C, in the same round"
)

// Text writes all tables, the overview and what was lost at the end, where a terminal leaves off. old may be nil.
func Text(w io.Writer, f, old *result.File) {
	for i := range f.Cells {
		cellTable(f, &f.Cells[i]).Print(w)
	}
	for _, t := range summary(f, old) {
		t.Print(w)
	}
	fmt.Fprintf(w, "\n%s\n", headline(f))
	fmt.Fprintln(w, noiseLine(f))
	for _, n := range f.Notes {
		fmt.Fprintln(w, n)
	}
	for _, l := range f.Failures {
		fmt.Fprintf(w, "FAILED: %s\n", l)
	}
}

// Markdown writes the same for a document, the overview first.
func Markdown(w io.Writer, f, old *result.File) {
	fmt.Fprintf(w, "%s\n\n%s\n", headline(f), noiseLine(f))
	for _, n := range f.Notes {
		fmt.Fprintf(w, "\n%s\n", n)
	}
	for _, l := range f.Failures {
		fmt.Fprintf(w, "\nFAILED: %s\n", l)
	}
	for _, t := range summary(f, old) {
		t.Markdown(w)
	}
	for i := range f.Cells {
		cellTable(f, &f.Cells[i]).Markdown(w)
	}
}

func summary(f, old *result.File) []*figures.Table {
	all := []*figures.Table{overview(f, result.FloorName, overviewFloor), overview(f, result.OursName, overviewOurs)}
	if old != nil {
		all = append(all, since(f, old))
	}
	return append(all, f.Goals.Table())
}

// headline says what was measured, where, when, and how it came out.
func headline(f *result.File) string {
	n := count(f.Goals)
	return fmt.Sprintf("%s, %s, commit %s: %s, %d rounds of %v s, took %s. Goals: %d met, %d LOST, %d not measured.",
		f.When.Format("2006-01-02 15:04 MST"), f.Machine, f.Source, f.Options.Mode, f.Options.Rounds, f.Options.Time,
		took(f), n.met, n.lost, n.not)
}

func took(f *result.File) string { return (time.Duration(f.Seconds) * time.Second).String() }

type counted struct{ met, lost, not int }

func count(goals figures.Goals) (n counted) {
	for _, g := range goals {
		switch {
		case g.Missing != "":
			n.not++
		case g.Met:
			n.met++
		default:
			n.lost++
		}
	}
	return n
}

// noiseLine says how far the figures can be trusted.
func noiseLine(f *result.File) string {
	noisy, all := f.NoisyCells()
	limit := percent(f.Options.NoiseLimit)
	switch {
	case all == 0:
		return "NOISE UNKNOWN: no server ran twice, so nothing tells how far these ratios can be trusted."
	case noisy == 0:
		return fmt.Sprintf("Quiet enough: in all %d cells servers that run twice agree with themselves within %s.", all, limit)
	}
	return fmt.Sprintf("NOISY: in %d of %d cells a server that runs twice differs from itself by more than %s; those are marked, "+
		"and small differences in them mean nothing.", noisy, all, limit)
}

// since compares ours with an older result, by its ratio to the floor: that is what two runs have in common.
func since(f, old *result.File) *figures.Table {
	t := &figures.Table{Title: fmt.Sprintf("Since %s (%s): ratio to the floor, then and now", old.When.Format("2006-01-02 15:04"), old.Source),
		Columns: []string{"cell", "server", "then", "now", "change", "noise", "verdict"}}
	for _, c := range changes(f, old) {
		t.Row(c.Cell, c.Server, ratio(c.Then), ratio(c.Now), fmt.Sprintf("%+.0f %%", 100*(c.Now/c.Then-1)), percent(c.Noise), string(c.Verdict))
	}
	if len(t.Rows) == 0 {
		t.Note("no cell of ours is in both")
	}
	if f.Machine != old.Machine {
		t.Note("other machines: then %s", old.Machine)
	}
	return t
}

// A change is how a server of ours does now against an older run.
type change struct {
	Cell, Server     string
	Then, Now, Noise float64
	Verdict          result.Verdict
}

func changes(f, old *result.File) []change {
	was := map[string]line{}
	for _, l := range lines(old) {
		was[l.name()] = l
	}
	var all []change
	for _, l := range lines(f) {
		before, ok := was[l.name()]
		if !ok || l.metric.Most > 0 {
			continue
		}
		for _, s := range f.Servers {
			if s.Group != result.Ours || strings.HasSuffix(s.Name, result.Again) {
				continue
			}
			c := change{Cell: l.name(), Server: s.Name,
				Then: before.cell.Cost(s.Name, result.FloorName, l.metric), Now: l.cell.Cost(s.Name, result.FloorName, l.metric),
				Noise: before.cell.Noise(l.metric.Name) + l.cell.Noise(l.metric.Name)}
			c.Verdict = result.Judge(c.Now/c.Then, c.Noise)
			if c.Verdict != result.Unproved {
				all = append(all, c)
			}
		}
	}
	return all
}
