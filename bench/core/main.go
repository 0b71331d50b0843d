// Command core measures what the core of ropewalk costs and prints it beside
// a floor written in C, plain package net and gnet, on the same machine and in
// the same minutes.
//
//	go -C bench run ./core [flags] [frames] [echo] [idle] [files] [slow] [pressure] [strace]
//
// Without names it runs everything, in about nine minutes. Progress goes to
// stderr, tables to stdout. See README.md for what the figures mean.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// experiments are the parts that can be asked for, in the order they run.
var experiments = []struct {
	name string
	run  func(*bench) error
}{
	{"frames", func(b *bench) error { return b.matrix("frame", "Framed echo", b.frameKinds()) }},
	{"echo", func(b *bench) error { return b.matrix("raw", "Raw echo", b.echoKinds()) }},
	{"idle", (*bench).idle},
	{"files", (*bench).files},
	{"slow", (*bench).slow},
	{"pressure", (*bench).pressure},
	{"strace", (*bench).strace},
}

// bench is one invocation: its options, what has been built and what has been
// found.
type bench struct {
	ctx    context.Context
	module string // the folder of this module
	dir    string // a temporary folder for binaries
	rounds int
	time   float64
	warm   float64
	servers,
	cells []string // filters; empty means all
	idleConns int
	slowMiB   int
	pressureConns, pressureKiB,
	pressurePool int
	fileDir string

	examples map[string][]string // example -> its builds: without and with PGO
	failures []string
	report   report
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "core:", err)
		os.Exit(1)
	}
}

func run() error {
	b := &bench{examples: map[string][]string{}}
	flag.IntVar(&b.rounds, "rounds", 9, "interleaved rounds of each cell")
	flag.Float64Var(&b.time, "time", 0.4, "seconds measured in a round")
	flag.Float64Var(&b.warm, "warm", 0.1, "seconds of load before that")
	flag.IntVar(&b.idleConns, "idle-conns", 15000, "connections held by idle")
	flag.IntVar(&b.slowMiB, "slow-mib", 2048, "MiB sent through by slow")
	flag.IntVar(&b.pressureConns, "pressure-conns", 4000, "slow clients of pressure")
	flag.IntVar(&b.pressureKiB, "pressure-kib", 256, "KiB sent by each of them")
	flag.IntVar(&b.pressurePool, "pressure-pool", 64, "MiB that the server's pool may hold")
	flag.StringVar(&b.fileDir, "file-dir", "/var/tmp", "where files makes its 1 GiB file (on a disk)")
	servers := flag.String("servers", "", "only these servers, by comma; c always takes part")
	cells := flag.String("cells", "", "only these cells of frames and echo, as 64/64/1,64/1000/1")
	jsonFile := flag.String("json", "", "also write everything to this file")
	flag.Parse()
	b.servers, b.cells = split(*servers), split(*cells)
	if runtime.NumCPU() < 2 {
		return fmt.Errorf("two CPUs are needed: one for the server, one for the load")
	}
	for _, name := range flag.Args() {
		if !known(name) {
			return fmt.Errorf("no experiment %q", name)
		}
	}

	var stop context.CancelFunc
	b.ctx, stop = signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if b.dir, err = os.MkdirTemp("", "ropewalk-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if err := b.build(); err != nil {
		return err
	}

	start := time.Now()
	b.report.begin()
	for _, e := range experiments {
		if flag.NArg() > 0 && !slices.Contains(flag.Args(), e.name) {
			continue
		}
		b.logf("%s: %s", time.Since(start).Round(time.Second), e.name)
		if err := e.run(b); err != nil {
			if b.ctx.Err() != nil {
				return b.ctx.Err()
			}
			b.fail("%s: %v", e.name, err)
		}
	}
	b.logf("%s: done", time.Since(start).Round(time.Second))
	b.report.Failures = b.failures
	b.report.print(os.Stdout)
	if *jsonFile != "" {
		if err := b.report.save(*jsonFile); err != nil {
			return err
		}
	}
	if len(b.failures) > 0 {
		return fmt.Errorf("%d failure(s), listed above", len(b.failures))
	}
	return nil
}

func known(name string) bool {
	for _, e := range experiments {
		if e.name == name {
			return true
		}
	}
	return false
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

// logf reports progress.
func (b *bench) logf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

// fail notes something that did not work, and goes on.
func (b *bench) fail(format string, args ...any) {
	b.logf("FAILED: "+format, args...)
	b.failures = append(b.failures, fmt.Sprintf(format, args...))
}
