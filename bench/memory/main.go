// Command memory measures package buffer's allocator beside its peers: what an
// allocation costs, how it scales, what it holds, and what the garbage
// collector pays for live buffers.
//
//	go -C bench run ./memory [flags] [alloc] [parallel] [handover] [random] [fragment] [footprint] [gc]
//
// Without names it runs everything. Progress goes to stderr, tables to stdout.
// See README.md for what the figures mean.
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

// parts can be asked for by name, and run in this order.
var parts = []struct {
	name string
	run  func(*bench) error
}{
	{"alloc", (*bench).alloc},
	{"parallel", (*bench).parallel},
	{"handover", (*bench).handover},
	{"random", (*bench).random},
	{"fragment", (*bench).fragment},
	{"footprint", (*bench).footprint},
	{"gc", (*bench).gc},
}

// bench is one invocation: its options, and what has been found.
type bench struct {
	ctx    context.Context
	rounds int
	time   time.Duration
	warm   time.Duration // of the JVM, for each size
	ops    int
	only   []string
	gib    float64
	seed   uint64
	java   *java // nil without a JVM
	noJava string
	report report
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == childArgument {
		exit(child(os.Args[2]))
	}
	exit(run())
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "memory:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func run() error {
	b := &bench{}
	flag.IntVar(&b.rounds, "rounds", 9, "interleaved rounds")
	seconds := flag.Float64("time", 0.1, "seconds measured in a round")
	flag.IntVar(&b.ops, "ops", 1_000_000, "operations of each pattern of fragment; an hour at 20,000/s is 72000000")
	only := flag.String("only", "", "only these rows of fragment and footprint, by comma")
	flag.Float64Var(&b.gib, "gib", 8, "GiB of live buffers for gc")
	flag.Uint64Var(&b.seed, "seed", 1, "seed of the patterns")
	jvm := flag.Bool("jvm", true, "run Netty too, if there is a JVM")
	jars := flag.String("jars", "/usr/share/java", "where netty-buffer.jar and netty-common.jar are")
	short := flag.Bool("short", false, "see that everything runs: far too short for figures")
	jsonFile := flag.String("json", "", "also write everything to this file")
	flag.Parse()
	b.only = strings.FieldsFunc(*only, func(r rune) bool { return r == ',' })
	b.time, b.warm = time.Duration(*seconds*float64(time.Second)), time.Second
	if *short {
		b.rounds, b.time, b.warm, b.ops, b.gib = 1, 5*time.Millisecond, 20*time.Millisecond, 20_000, 0.125
	}
	for _, name := range flag.Args() {
		if !known(name) {
			return fmt.Errorf("no part %q", name)
		}
	}

	var stop context.CancelFunc
	b.ctx, stop = signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	b.noJava = "-jvm=false"
	if *jvm {
		var err error
		if b.java, err = findJava(b.ctx, *jars); err != nil {
			b.noJava = err.Error()
			b.logf("no JVM: %v", err)
		}
	}
	defer b.java.remove()

	runtime.LockOSThread() // as an event loop's goroutine
	b.report.begin(b)
	start := time.Now()
	for _, p := range parts {
		if flag.NArg() > 0 && !slices.Contains(flag.Args(), p.name) {
			continue
		}
		b.logf("%s: %s", time.Since(start).Round(time.Second), p.name)
		if err := p.run(b); err != nil {
			if b.ctx.Err() != nil {
				return b.ctx.Err()
			}
			b.logf("FAILED: %s: %v", p.name, err)
			b.report.Failures = append(b.report.Failures, fmt.Sprintf("%s: %v", p.name, err))
		}
	}
	b.logf("%s: done", time.Since(start).Round(time.Second))
	b.report.end()
	if *jsonFile != "" {
		if err := b.report.save(*jsonFile); err != nil {
			return err
		}
	}
	if n := len(b.report.Failures); n > 0 {
		return fmt.Errorf("%d part(s) failed, listed above", n)
	}
	return nil
}

func known(name string) bool {
	for _, p := range parts {
		if p.name == name {
			return true
		}
	}
	return false
}

// logf reports progress.
func (b *bench) logf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}
