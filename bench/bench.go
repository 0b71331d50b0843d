package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
	"github.com/ropewalk/ropewalk/bench/internal/result"
)

// bench is one run: its options, what has been built and what has been found.
type bench struct {
	*harness.Builder
	*options
	ctx      context.Context
	file     *result.File
	progress *progress
	broken   map[string]string // programs that do not build here, and why
	verified map[string]bool   // mode and server: every byte was right
	netty    []string          // how the JVM is started
	noCalls  bool              // it has been said that system calls are not counted
	fleet    *fleet            // the servers that run
	cleanup  []func()
}

func newBench(ctx context.Context, o *options, out io.Writer) *bench {
	now := time.Now()
	b := &bench{options: o, ctx: ctx, broken: map[string]string{}, verified: map[string]bool{}, progress: &progress{out: out, start: now}}
	b.file = &result.File{
		Schema: result.Schema, When: now.UTC().Truncate(time.Second), Machine: harness.Machine(), Source: source(),
		Options: result.Options{Mode: o.mode(), Rounds: o.plan.rounds, Time: o.plan.time, Warm: o.plan.warm, NoiseLimit: o.plan.noiseLimit},
	}
	for _, s := range b.chosen() {
		b.file.Servers = append(b.file.Servers, s.Server)
	}
	return b
}

// mode says what was measured, in words.
func (o *options) mode() string {
	text := o.plan.mode
	for _, f := range []struct {
		name string
		list []string
	}{{"workloads", o.only.workloads}, {"cells", o.only.cells}, {"servers", o.only.servers}} {
		if len(f.list) > 0 {
			text += fmt.Sprintf(", only %s %s", f.name, strings.Join(f.list, ", "))
		}
	}
	return text
}

// source is the commit that is measured.
func source() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// run builds everything and goes through all steps. A workload that fails is noted, and the next one runs.
func (b *bench) run(dir string) error {
	b.Builder = &harness.Builder{Dir: dir}
	chosen := b.workloads()
	if len(chosen) == 0 {
		return fmt.Errorf("nothing is left to be measured")
	}
	b.progress.add(step{"building", 20, func() error { return b.build(dir, b.needed(chosen)) }})
	for _, w := range chosen {
		b.progress.add(w.steps...)
	}
	all := b.progress.steps
	defer b.dismiss()
	for i, s := range all {
		b.progress.begin(s)
		err := s.run()
		b.progress.end(s)
		if b.ctx.Err() != nil {
			return b.ctx.Err()
		}
		if err != nil && i == 0 {
			return err
		}
		if err != nil {
			b.fail("%s: %v", s.name, err)
		}
	}
	return nil
}

// needed are the programs that these workloads run.
func (b *bench) needed(chosen []planned) []string {
	all := map[string]bool{}
	for _, w := range chosen {
		for _, s := range b.chosen() {
			if s.argv(w.call) != nil {
				all[s.programFor(w.call)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// chosen are the rows that -servers leaves; c and ropewalk always take part.
func (b *bench) chosen() []server {
	if len(b.only.servers) == 0 {
		return servers
	}
	return slices.DeleteFunc(slices.Clone(servers), func(s server) bool {
		name := strings.TrimSuffix(s.Name, result.Again)
		return name != result.FloorName && name != result.OursName && !slices.Contains(b.only.servers, s.Name)
	})
}

func (b *bench) server(name string) server {
	return servers[slices.IndexFunc(servers, func(s server) bool { return s.Name == name })]
}

// wants tells whether -cells leaves a cell.
func (b *bench) wants(cell string) bool {
	return len(b.only.cells) == 0 || slices.Contains(b.only.cells, cell)
}

// load is the path of the load generator.
func (b *bench) load() string { return b.Bin("load") }

// keep adds a cell to the result and says what is in it.
func (b *bench) keep(c result.Cell) {
	b.file.Cells = append(b.file.Cells, c)
	b.progress.logf("%s", b.file.Summary(&c))
}

// finish draws the conclusions.
func (b *bench) finish() {
	b.file.Seconds = time.Since(b.progress.start).Round(time.Second).Seconds()
	b.file.Conclude()
}

// lost notes a row of ours that has no figures although its server runs; what others lose is their own.
func (b *bench) lost(row, cell, why string) {
	if b.server(row).must() {
		b.fail("%s: %s: %s", cell, row, why)
	}
}
