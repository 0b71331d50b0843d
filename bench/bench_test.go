package main

import (
	"errors"
	"flag"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/echo"
	"github.com/ropewalk/ropewalk/bench/internal/harness"
	"github.com/ropewalk/ropewalk/bench/internal/result"
)

func bare(t *testing.T, args ...string) *bench {
	t.Helper()
	o, err := parse(args, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t.Context(), o, t.Output())
	b.Builder = &harness.Builder{Dir: "/bin"}
	return b
}

func TestCommandLine(t *testing.T) {
	for args, want := range map[string]string{
		"-workloads chess":        `no "chess", but frames,`,
		"-servers apache":         `no "apache"`,
		"-cells 64/64/x":          `"64/64/x" is not a cell`,
		"frames":                  "-workloads",
		"-rounds x":               "rounds",
		"-full -servers gnet,nbi": `no "nbi"`,
	} {
		if _, err := parse(strings.Fields(args), t.Output()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", args, err, want)
		}
	}
	if _, err := parse([]string{"-h"}, t.Output()); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("%v", err)
	}
	o, err := parse(strings.Fields("-full -rounds 21 -time 2 -noise 0.3 -servers gnet"), t.Output())
	if err != nil || o.plan.rounds != 21 || o.plan.time != 2 || o.plan.noiseLimit != 0.3 || o.mode() != "full, only servers gnet" {
		t.Errorf("%+v, %v", o, err)
	}
}

// TestEveryWorkloadHasSteps holds that all workloads run in each plan, but for the one that quick leaves out.
func TestEveryWorkloadHasSteps(t *testing.T) {
	for _, args := range [][]string{nil, {"-full"}, {"-smoke"}} {
		b := bare(t, args...)
		planned := b.workloads()
		var got []string
		for _, w := range b.file.Workloads {
			got = append(got, w.Name)
		}
		want := names(workloads)
		if !b.plan.freeRaw {
			want = slices.DeleteFunc(want, func(name string) bool { return name == "raw-unpinned" })
		}
		if !slices.Equal(got, want) || len(planned) != len(want) {
			t.Errorf("%q: %q", args, got)
		}
		if len(running) != len(workloads) {
			t.Errorf("%d workloads, of which %d run", len(workloads), len(running))
		}
		for _, p := range programs {
			if !slices.Contains(b.needed(planned), p.name) {
				t.Errorf("%q: nobody runs %s", args, p.name)
			}
		}
		seconds := 0.0
		for _, w := range planned {
			for _, s := range w.steps {
				seconds += s.seconds
			}
		}
		if most := map[string]float64{"quick": 300, "full": 2700, "smoke": 150}[b.plan.mode]; seconds > most {
			t.Errorf("%s takes %.0f s, more than %.0f", b.plan.mode, seconds, most)
		}
	}
	if n := len(full.frames); n != 18 || len(full.raw) != 18 {
		t.Errorf("%d cells of frames, want 3 sizes x 3 connections x 2 depths", n)
	}
	for _, s := range append(slices.Clone(quick.frames), quick.raw...) {
		if !slices.Contains(full.frames, s) {
			t.Errorf("quick has %s and full does not", s)
		}
	}
}

func TestNarrowed(t *testing.T) {
	b := bare(t, "-workloads", "raw,hello", "-cells", "7/8/9,64/1", "-servers", "gnet")
	steps := 0
	said := ""
	for _, w := range b.workloads() {
		for _, s := range w.steps {
			said += s.name + "\n"
			steps++
		}
	}
	if !strings.Contains(said, "raw 7/8/9\n") || !strings.Contains(said, "hello 64/1\n") || steps != 4 {
		t.Errorf("%d steps:\n%s", steps, said)
	}
	var rows []string
	for _, s := range b.chosen() {
		rows = append(rows, s.Name)
	}
	if got := strings.Join(rows, ", "); got != "c, c again, ropewalk, ropewalk again, gnet" {
		t.Errorf("rows %s", got)
	}
	if got := b.needed(b.workloads()); !slices.Equal(got, []string{"c-echo", "c-http", "gnet", "ropewalk", "ropewalk-web"}) {
		t.Errorf("%q", got)
	}
	if b = bare(t, "-workloads", "idle", "-cells", "64/64/1"); len(b.workloads()) != 0 {
		t.Error("a cell that is none of idle")
	}
}

// TestCommandLinesOfServers holds what each of them gets for a frame, and who does nothing of the web.
func TestCommandLinesOfServers(t *testing.T) {
	b := bare(t)
	b.netty = []string{"java", "X"}
	want := map[string]string{
		"c":             "/bin/c-frames -max 1048576",
		"c-uring":       "/bin/c-uring -buffers incremental -mode frame -max 1048576",
		"ropewalk":      "/bin/ropewalk -addr 127.0.0.1:0 -mode frame -loops 2 -engine  -max 1048576",
		"ropewalk-gnet": "/bin/ropewalk -addr 127.0.0.1:0 -mode frame -loops 2 -engine gnet -max 1048576",
		"gnet":          "/bin/gnet -addr 127.0.0.1:0 -mode frame -max 1048576 -loops 2",
		"netty":         "java X -addr 127.0.0.1:0 -mode frame -max 1048576 -loops 2",
		"nethttp":       "", "nginx": "",
	}
	for _, s := range servers {
		k, why := b.kind(s, call{mode: "frame", loops: "2"}, true)
		if w, ok := want[s.Name]; ok && strings.Join(k.Argv, " ") != w || why != "" {
			t.Errorf("%s: %q %s, want %q", s.Name, k.Argv, why, w)
		}
		if len(k.Argv) > 0 && (!k.Free || k.Go != (s.Group == result.Go || s.Group == result.Ours)) {
			t.Errorf("%s: %+v", s.Name, k)
		}
		if s.Group == result.Go && s.program != "fasthttp" && s.program != "nethttp" && s.argv(call{mode: "hello"}) != nil {
			t.Errorf("%s does not speak HTTP", s.Name)
		}
		if s.What == "" || s.Group == "" {
			t.Errorf("nothing is said of %s", s.Name)
		}
	}
	b.broken["gnet"] = "no compiler"
	if _, why := b.kind(b.server("gnet"), call{mode: "raw"}, false); why != "no compiler" {
		t.Errorf("%q", why)
	}
}

func TestTally(t *testing.T) {
	f := tally{ops: 3100, calls: 6700, switches: 310, mallocs: 64}.per(tally{ops: 1100, calls: 2700, switches: 110, mallocs: 64}, true, true)
	if f["calls"] != 2 || f["switches"] != 0.1 || f["allocs"] != 0 {
		t.Errorf("2000 more operations took 4000 more calls: %v", f)
	}
	f = tally{ops: 1000, calls: 2000}.per(tally{ops: 1000, calls: 2400}, true, false)
	if math.Abs(f["calls"]-2.2) > 1e-9 || len(f) != 2 {
		t.Errorf("passes that did as much are taken together: %v", f)
	}
	if f := (tally{}).per(tally{}, true, true); f != nil {
		t.Errorf("of nothing: %v", f)
	}
}

func TestProgress(t *testing.T) {
	var out strings.Builder
	p := &progress{out: &out, start: time.Now()}
	a, b := step{name: "a", seconds: 60}, step{name: "b", seconds: 60}
	p.add(a, b)
	p.begin(a)
	p.end(a)
	if left := p.left(60 * time.Second).Round(time.Second); left != time.Minute {
		t.Errorf("as long as it was said: %v left", left)
	}
	if left := p.left(150 * time.Second).Round(time.Second); left != 2*time.Minute {
		t.Errorf("twice as long as it was said: %v left", left)
	}
	if out.String() != " 0:00   2:00 left  a\n" {
		t.Errorf("%q", out.String())
	}
}

// TestFiguresHaveMetrics holds that a file with what is measured can be loaded again.
func TestFiguresHaveMetrics(t *testing.T) {
	all := []result.Figures{
		figuresOf(&harness.Result{Msgs: 1, Seconds: 1, CPU: 1}), openFigures(&echo.OpenResult{Msgs: 1, Seconds: 1, CPU: 1}),
		tally{ops: 2}.per(tally{ops: 1}, true, true),
	}
	for _, f := range all[:2] {
		if f["cpu_ns"] != 1 || f["rate"] != 1 {
			t.Errorf("%v", f)
		}
	}
	if _, there := figuresOf(&harness.Result{Msgs: 1, Seconds: 1})["cpu_ns"]; there {
		t.Error("a server that had no CPU within the window has taken none")
	}
	f := &result.File{Schema: result.Schema, Workloads: workloads, Servers: []result.Server{{Name: "c"}},
		Cells: []result.Cell{{Workload: "raw", Rows: []result.Row{{Server: "c", Rounds: all}}}}}
	if err := f.Check(); err != nil {
		t.Error(err)
	}
	for _, w := range workloads {
		for _, name := range w.Compared {
			if _, ok := result.MetricOf(name); !ok {
				t.Errorf("%s: no metric %q", w.Name, name)
			}
		}
	}
}
