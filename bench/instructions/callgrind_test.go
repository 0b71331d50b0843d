package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// dumps writes files as callgrind does, one for each total, with the names of the first operation.
func dumps(t *testing.T, totals ...string) string {
	dir := t.TempDir()
	for i, total := range totals {
		text := fmt.Sprintf("# callgrind format\npart: %d\ndesc: Trigger: Client Request: %s\nevents: Ir\nsummary: %s\n\nfn=(1) f\n1 2\n",
			i, operations[0].dumpName(1+i%2), total)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint("calls-0.", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The least of each counts, and what both have cancels out.
func TestCollect(t *testing.T) {
	o := &operations[0]
	n := o.rounds * o.per
	got, err := collect(dumps(t, fmt.Sprint(36+20*n), fmt.Sprint(1036+40*n), fmt.Sprint(1036+20*n), fmt.Sprint(36+40*n)))
	if err != nil || len(got.counts) != 1 || got.counts[o.name] != 20 {
		t.Errorf("%v %v", got, err)
	}
}

func TestCollectRefuses(t *testing.T) {
	for _, totals := range [][]string{{}, {"1000"}, {"1000", "1000"}, {"1000", "none"}, {"0", "0"}} {
		if got, err := collect(dumps(t, totals...)); err == nil {
			t.Errorf("%q: %v", totals, got)
		}
	}
}

// Every operation runs, and releases what it takes: also without valgrind, under which nothing is counted twice.
func TestOperations(t *testing.T) {
	names := make(map[string]bool)
	for i := range operations {
		o := &operations[i]
		if names[o.name] {
			t.Errorf("%s is there twice", o.name)
		}
		names[o.name] = true
		o.count()
	}
	counts, err := readTable("counts.txt")
	if err != nil {
		t.Fatal(err)
	}
	for name := range counts.counts {
		if !names[name] {
			t.Errorf("counts.txt has %s, which nobody counts", name)
		}
	}
	if underValgrind() {
		t.Error("this does not run under valgrind")
	}
}
