package main

import (
	"fmt"
	"go/version"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

const (
	tolerance      = 0.05 // of a count
	slack          = 2.0  // instructions: what is taken of the small ones
	looseTolerance = 0.20 // with another minor version of Go
)

// A table is the counts of a run, or of a file: instructions for each operation, by its name.
type table struct {
	version string // of Go
	counts  map[string]float64
}

// readTable reads what String has written.
func readTable(name string) (*table, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return &table{}, err
	}
	t := &table{counts: make(map[string]float64)}
	for i, line := range strings.Split(string(text), "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if len(f) == 2 && f[0] == "go" {
			t.version = f[1]
			continue
		}
		if len(f) != 2 {
			return nil, fmt.Errorf("%s:%d: want a name and a count", name, i+1)
		}
		n, err := strconv.ParseFloat(f[1], 64)
		if err != nil || !(n > 0) || math.IsInf(n, 0) {
			return nil, fmt.Errorf("%s:%d: %q is not a count", name, i+1, f[1])
		}
		if _, ok := t.counts[f[0]]; ok {
			return nil, fmt.Errorf("%s:%d: %s is there twice", name, i+1, f[0])
		}
		t.counts[f[0]] = n
	}
	if !version.IsValid(t.version) {
		return nil, fmt.Errorf("%s: the line with the version of Go is missing", name)
	}
	return t, nil
}

// String returns the table as its file.
func (t *table) String() string {
	var b strings.Builder
	b.WriteString("# Instructions for each operation, made by: go -C bench run ./instructions -update\n")
	fmt.Fprintf(&b, "%-32s %s\n", "go", t.version)
	for _, name := range slices.Sorted(maps.Keys(t.counts)) {
		fmt.Fprintf(&b, "%-32s %.1f\n", name, t.counts[name])
	}
	return b.String()
}

// compare returns a line for each operation, and in how many the counts are not those that are wanted. If only is not empty,
// others are not expected.
func compare(want, got *table, only string) (text string, bad int) {
	var b strings.Builder
	other := version.Lang(want.version) != version.Lang(got.version)
	if other {
		fmt.Fprintf(&b, "The counts are those of %s, and this is %s: up to %.0f %% more is taken. Update them.\n",
			want.version, got.version, 100*looseTolerance)
	}
	fmt.Fprintf(&b, "%-32s %10s %10s %8s\n", "instructions", "before", "now", "")
	names := make(map[string]bool)
	for name := range want.counts {
		names[name] = strings.Contains(name, only)
	}
	for name := range got.counts {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !names[name] {
			continue
		}
		before, was := want.counts[name]
		now, is := got.counts[name]
		verdict := ""
		switch {
		case !was:
			verdict = "new: update the file"
		case !is:
			verdict = "gone: update the file"
		case now > before+allowed(before, other):
			verdict = "more"
		case now < before-allowed(before, false) && !other:
			verdict = "less: update the file, so that it stays so"
		}
		if verdict != "" {
			bad++
		}
		change := ""
		if was && is {
			change = fmt.Sprintf("%+.1f%%", 100*(now-before)/before)
		}
		line := fmt.Sprintf("%-32s %10.1f %10.1f %8s  %s", name, before, now, change, verdict)
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String(), bad
}

// allowed returns by how many instructions a count may differ.
func allowed(n float64, otherVersion bool) float64 {
	if otherVersion {
		return max(slack, n*looseTolerance)
	}
	return max(slack, n*tolerance)
}
