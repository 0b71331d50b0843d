package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestQuantile(t *testing.T) {
	v := []float64{4, 1, 3, 2}
	for _, c := range []struct{ q, want float64 }{{0, 1}, {0.5, 2.5}, {1, 4}, {0.25, 1.75}} {
		if got := quantile(v, c.q); got != c.want {
			t.Errorf("quantile %v = %v, want %v", c.q, got, c.want)
		}
	}
}

func TestRatiosSkipDroppedRounds(t *testing.T) {
	run := func(cpu float64) *result { return &result{CPU: cpu} }
	base := series[result]{runs: []*result{run(100), nil, run(200)}}
	s := series[result]{runs: []*result{run(150), run(1), nil}}
	got := ratios(s, base, func(r *result) float64 { return r.CPU })
	if len(got) != 1 || got[0] != 1.5 {
		t.Errorf("ratios = %v, want [1.5]", got)
	}
}

func TestParseCounts(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out")
	os.WriteFile(name, []byte(`% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.000100           1       100           write
 40.00    0.000100           1       102         2 read
------ ----------- ----------- --------- --------- ----------------
100.00    0.000200           1       202         2 total
`), 0o600)
	counts, err := parseCounts(name)
	if err != nil || counts["write"] != 100 || counts["read"] != 102 || len(counts) != 2 {
		t.Errorf("counts = %v, %v", counts, err)
	}
}

func TestListening(t *testing.T) {
	for line, want := range map[string]string{
		"listening on 127.0.0.1:4711":                               "4711",
		`level=INFO msg="listening on 127.0.0.1:4711" loops=1`:      "4711",
		"2026/11/21 21:00:00 frames: listening on [::1]:80":         "80",
		"Launching gnet with 1 event-loops, listening on: tcp://:0": "",
	} {
		got := ""
		if m := listening.FindStringSubmatch(line); m != nil {
			got = m[1]
		}
		if got != want {
			t.Errorf("%q: port %q, want %q", line, got, want)
		}
	}
}
