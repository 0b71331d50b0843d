package main

import (
	"slices"
	"strings"
	"testing"
)

// tiny are sizes that end inside of a page, of a sector, and of nothing.
var tiny = []size{
	{"empty", 0, 3, 3, 1, 1},
	{"1B", 1, 3, 3, 1, 1},
	{"4KiB", 4 << 10, 3, 3, 1, 1},
	{"300001B", 300001, 3, 3, 1, 1},
}

// everywhere are the ways that any Linux has.
var everywhere = []string{"copy", "again", "mmap", "sendfile", "loop", "splice", "splice1m", "tee", "file", "map"}

// TestEveryWay builds the lab, sends tiny files by each way and through each proxy, and compares what arrives. A way that cannot
// work here must say why.
func TestEveryWay(t *testing.T) {
	l := newLab(t.Context())
	l.dir, l.sizes, l.someSizes, l.rounds, l.seconds = t.TempDir(), tiny, true, 1, 0.02
	if err := l.build(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	for _, w := range ways {
		l.chosen = append(l.chosen, w.key)
	}
	if err := l.files(); err != nil {
		t.Fatal(err)
	}
	if err := l.relay(); err != nil {
		t.Fatal(err)
	}
	for _, f := range l.report.Failures {
		t.Error(f)
	}
	for _, w := range ways {
		why := l.absent[w.row]
		if why != "" && slices.Contains(everywhere, w.key) {
			t.Errorf("%s: %s", w.row, why)
		} else if w.mode == "direct" && why != "" && !strings.Contains(why, "O_DIRECT") {
			t.Errorf("%s: %q does not tell what is missing", w.row, why)
		} else if why != "" {
			t.Logf("%s: %s", w.row, why)
		}
		shown := func(r []string) bool { return r[0] == w.row }
		for _, tb := range l.report.Tables[:len(tiny)*2] {
			if slices.ContainsFunc(tb.Rows, shown) != (why == "") {
				t.Errorf("%s: a row of %s is missing, or there is one of what cannot work", tb.Title, w.row)
			}
		}
	}
}
