// Command web measures what HTTP/1.1, files and WebSocket cost with ropewalk and prints it beside a floor written in C,
// fasthttp, net/http, nginx, gobwas/ws, coder/websocket and nbio, on the same machine and in the same minutes.
//
//	go -C bench run ./web [flags] [hello] [files] [ws] [broadcast] [idle]
//
// Without names it runs everything. Progress goes to stderr, tables to stdout. See README.md for what the figures mean.
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
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// parts can be asked for by name, and run in this order.
func (b *bench) parts() harness.Parts {
	return harness.Parts{
		{Name: "hello", Run: b.hello},
		{Name: "files", Run: b.files},
		{Name: "ws", Run: b.ws},
		{Name: "broadcast", Run: b.broadcast},
		{Name: "idle", Run: b.idle},
	}
}

// bench is one invocation: its options, what has been built and what has been found.
type bench struct {
	*harness.Builder
	ctx        context.Context
	rounds     int
	time, warm float64
	servers,
	cells []string // filters; empty means all
	largeMiB  int
	fanConns  int
	fanCount  int
	idleConns int
	settle    time.Duration
	fileDir   string

	nginx   string            // the program, "" if there is none
	missing map[string]string // servers that cannot run here, and why
	report  harness.Report
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "web:", err)
		os.Exit(1)
	}
}

func run() error {
	b := &bench{missing: map[string]string{}}
	flag.IntVar(&b.rounds, "rounds", 9, "interleaved rounds of each cell")
	flag.Float64Var(&b.time, "time", 0.4, "seconds measured in a round")
	flag.Float64Var(&b.warm, "warm", 0.1, "seconds of load before that")
	flag.IntVar(&b.largeMiB, "large-mib", 1024, "MiB of the large file")
	flag.IntVar(&b.fanConns, "broadcast-conns", 10000, "connections that get each broadcast")
	flag.IntVar(&b.fanCount, "broadcasts", 10, "broadcasts in a round")
	flag.IntVar(&b.idleConns, "idle-conns", 15000, "connections held by idle")
	flag.DurationVar(&b.settle, "idle-settle", 4*time.Second, "time given to memory once all connections are idle")
	flag.StringVar(&b.fileDir, "file-dir", "/var/tmp", "where files makes its files (on a disk)")
	servers := flag.String("servers", "", "only these servers, by comma; c always takes part")
	cells := flag.String("cells", "", "only these cells of hello, files and ws, as 64/1,64KiB,125/64/1")
	jsonFile := flag.String("json", "", "also write everything to this file")
	short := flag.Bool("short", false, "see that everything runs: far too short for figures")
	flag.Parse()
	b.servers, b.cells = split(*servers), split(*cells)
	if *short {
		b.rounds, b.time, b.warm, b.largeMiB = 1, 0.1, 0.05, 16
		b.fanConns, b.fanCount, b.idleConns, b.settle = 200, 2, 200, time.Second/4
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
