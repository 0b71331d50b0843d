package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTableIsReadAsItWasWritten(t *testing.T) {
	name := filepath.Join(t.TempDir(), "counts.txt")
	in := &table{version: "go1.26.8", counts: map[string]float64{"a/b": 12.5, "c": 1000}}
	if err := os.WriteFile(name, []byte(in.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := readTable(name)
	if err != nil || out.String() != in.String() {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestTableIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"a 1\n":                  "version of Go",
		"go 1.26\na 1\n":         "version of Go",
		"go go1.26\na\n":         ":2: want a name and a count",
		"go go1.26\na b c\n":     ":2: want a name and a count",
		"go go1.26\na 1x\n":      ":2: \"1x\" is not a count",
		"go go1.26\n#\na NaN\n":  ":3: \"NaN\" is not a count",
		"go go1.26\na 1\n\na 1":  ":4: a is there twice",
		"go go1.26\na -1\n":      ":2: \"-1\" is not a count",
		"go go1.26\na Inf\nb 1 ": ":2: \"Inf\" is not a count",
	} {
		name := filepath.Join(t.TempDir(), "counts.txt")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readTable(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		name        string
		before, now float64 // 0: not there
		version     string  // that counted now
		only        string
		bad         int
		text        string
	}{
		{"the same", 1000, 1000, "go1.26.8", "", 0, "+0.0%"},
		{"a little more", 1000, 1049, "go1.26.8", "", 0, "+4.9%"},
		{"more", 1000, 1051, "go1.26.8", "", 1, "more"},
		{"a little less", 1000, 951, "go1.26.8", "", 0, "-4.9%"},
		{"less", 1000, 949, "go1.26.8", "", 1, "less: update"},
		{"two of few", 10, 12, "go1.26.8", "", 0, "+20.0%"},
		{"three of few", 10, 13, "go1.26.8", "", 1, "more"},
		{"new", 0, 10, "go1.26.8", "", 1, "new: update"},
		{"gone", 10, 0, "go1.26.8", "", 1, "gone: update"},
		{"gone, not asked for", 10, 0, "go1.26.8", "other", 0, ""},
		{"a release that fixes", 1000, 1051, "go1.26.9", "", 1, "more"},
		{"another compiler", 1000, 1199, "go1.27.1", "", 0, "this is go1.27.1"},
		{"another compiler, less", 1000, 500, "go1.27.1", "", 0, "-50.0%"},
		{"another compiler, more", 1000, 1201, "go1.27.1", "", 1, "more"},
	} {
		want := &table{"go1.26.8", map[string]float64{"x": 7, "op": c.before}}
		got := &table{c.version, map[string]float64{"x": 7, "op": c.now}}
		for _, t := range []*table{want, got} {
			if t.counts["op"] == 0 {
				delete(t.counts, "op")
			}
		}
		text, bad := compare(want, got, c.only)
		if bad != c.bad || !strings.Contains(text, c.text) {
			t.Errorf("%s: %d bad, want %d, and %q in\n%s", c.name, bad, c.bad, c.text, text)
		}
	}
}
