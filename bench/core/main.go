// Command core looks closer at what the core of ropewalk costs than the bench of all peers does, which is the command of the
// module's root: what was promised of the engines, files, pressure on memory, and system calls by their kind.
//
//	go -C bench run ./core [flags] [files] [pressure] [engines] [latency] [calls] [strace]
//
// Without names it runs everything, in about ten minutes. Progress goes to stderr, tables to stdout. See README.md for what the
// figures mean.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/ropewalk/ropewalk/bench/internal/echo"
	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// parts can be asked for by name, and run in this order.
func (b *bench) parts() harness.Parts {
	return harness.Parts{
		{Name: "files", Run: b.files},
		{Name: "pressure", Run: b.pressure},
		{Name: "engines", Run: b.engines},
		{Name: "latency", Run: b.latency},
		{Name: "calls", Run: b.calls},
		{Name: "strace", Run: b.strace},
	}
}

// bench is one invocation: its options, what has been built and what has been
// found.
type bench struct {
	*harness.Builder
	ctx     context.Context
	rounds  int
	time    float64
	warm    float64
	servers []string // filters; empty means all
	cells   []cell
	pressureConns, pressureKiB,
	pressurePool int
	fileDir string

	rate float64 // messages a second of latency; 0 means half of what epoll can do

	examples map[string][]string // example -> its builds: without and with PGO
	absent   map[string]string   // optional servers that do not start here, and why
	checked  map[string]bool     // servers that have answered every byte right
	report   harness.Report
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "core:", err)
		os.Exit(1)
	}
}

func run() error {
	b := &bench{examples: map[string][]string{}, absent: map[string]string{}, checked: map[string]bool{}}
	flag.IntVar(&b.rounds, "rounds", 9, "interleaved rounds of each cell")
	flag.Float64Var(&b.time, "time", 0.4, "seconds measured in a round")
	flag.Float64Var(&b.warm, "warm", 0.1, "seconds of load before that")
	flag.IntVar(&b.pressureConns, "pressure-conns", 4000, "slow clients of pressure")
	flag.IntVar(&b.pressureKiB, "pressure-kib", 256, "KiB sent by each of them")
	flag.IntVar(&b.pressurePool, "pressure-pool", 64, "MiB that the server's pool may hold")
	flag.Float64Var(&b.rate, "rate", 0, "messages a second of latency; 0 is half of what epoll can do")
	flag.StringVar(&b.fileDir, "file-dir", "/var/tmp", "where files makes its 1 GiB file (on a disk)")
	servers := flag.String("servers", "", "only these servers, by comma; c always takes part")
	cells := flag.String("cells", "", "cells of engines, calls and strace instead of the usual ones, as 64/64/1,64/1000/1")
	jsonFile := flag.String("json", "", "also write everything to this file")
	flag.Parse()
	b.servers = split(*servers)
	var err error
	if b.cells, err = echo.ParseList(*cells); err != nil {
		return fmt.Errorf("-cells: %w", err)
	}
	if runtime.NumCPU() < 2 {
		return fmt.Errorf("two CPUs are needed: one for the server, one for the load")
	}
	parts := b.parts()
	if err := parts.Check(flag.Args()); err != nil {
		return err
	}

	var stop context.CancelFunc
	b.ctx, stop = signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := os.MkdirTemp("", "ropewalk-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := b.build(dir); err != nil {
		return err
	}

	if err := parts.Run(b.ctx, &b.report, flag.Args()); err != nil {
		return err
	}
	return b.report.End(*jsonFile)
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}
