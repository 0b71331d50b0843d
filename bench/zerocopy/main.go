// Command zerocopy is a lab: it sends the same file over loopback by every way that Linux and ropewalk have, and prints what each
// costs beside what the textbook says; and it relays between sockets beside haproxy, Go's io.Copy and proxies in C.
//
//	go -C bench run ./zerocopy [flags] [files] [relay]
//
// Without names it runs both parts, which takes minutes; -full has three times as many rounds. Progress goes to stderr, tables to
// stdout. See README.md for what the figures mean. It needs Linux, two CPUs, gcc, and 1 GiB in -dir; root and tracefs to count
// system calls.
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

	"github.com/ropewalk/ropewalk/bench/internal/figures"
	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// What servers and their rounds are is the same for all benchmarks.
type (
	kind          = harness.Kind
	server        = harness.Server
	series[T any] = harness.Series[T]
	table         = figures.Table
)

var median = figures.Median

// lab is one invocation: its options, what has been built, and what has been found.
type lab struct {
	*harness.Builder
	ctx    context.Context
	report harness.Report

	full      bool
	rounds    int     // 0 means what the cell is worth
	seconds   float64 // that messages take in a round
	dir       string
	sizes     []size
	someSizes bool // they were asked for
	caches    []string
	chosen    []string // keys of ways; empty means the usual ones

	hashes  map[string]string // size -> XXH64 of its file
	absent  map[string]string // row -> why it is not there
	notices map[string]string // row -> what it said of notices when it ended
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "zerocopy:", err)
		os.Exit(1)
	}
}

func newLab(ctx context.Context) *lab {
	return &lab{ctx: ctx, seconds: 0.3, sizes: allSizes, caches: []string{"warm", "cold"},
		hashes: map[string]string{}, absent: map[string]string{}, notices: map[string]string{}}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	l := newLab(ctx)
	flag.BoolVar(&l.full, "full", false, "three times as many rounds")
	flag.IntVar(&l.rounds, "rounds", 0, "interleaved rounds of each cell; 0 is 3 to 7, with -full 9 to 15")
	flag.StringVar(&l.dir, "dir", "/var/tmp", "where the files are made (on a disk)")
	sizes := flag.String("sizes", "", "only these sizes, by comma: "+sizeNames())
	ways := flag.String("ways", "", "only these ways, by comma; copy always takes part: "+wayKeys())
	caches := flag.String("cache", "", "only warm or only cold")
	jsonFile := flag.String("json", "", "also write everything to this file")
	markdown := flag.Bool("markdown", false, "print tables as Markdown")
	flag.Parse()
	if runtime.NumCPU() < 2 {
		return fmt.Errorf("two CPUs are needed: one for the sender, one for the receiver")
	}
	if err := l.choose(*sizes, *ways, *caches); err != nil {
		return err
	}
	parts := harness.Parts{{Name: "files", Run: l.files}, {Name: "relay", Run: l.relay}}
	if err := parts.Check(flag.Args()); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "ropewalk-zerocopy-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := l.build(dir); err != nil {
		return err
	}
	if err := parts.Run(ctx, &l.report, flag.Args()); err != nil {
		return err
	}
	if !*markdown {
		return l.report.End(*jsonFile)
	}
	printMarkdown(os.Stdout, &l.report)
	if *jsonFile != "" {
		if err := figures.Save(*jsonFile, &l.report); err != nil {
			return err
		}
	}
	if n := len(l.report.Failures); n > 0 {
		return fmt.Errorf("%d failure(s), listed above", n)
	}
	return nil
}

// choose applies the filters of the command line.
func (l *lab) choose(sizes, ways, caches string) error {
	var err error
	if l.sizes, err = sizesOf(split(sizes)); err != nil {
		return err
	}
	l.someSizes = sizes != ""
	for _, key := range split(ways) {
		if _, ok := wayOf(key); !ok {
			return fmt.Errorf("no way %q, but %s", key, wayKeys())
		}
		l.chosen = append(l.chosen, key)
	}
	switch caches {
	case "":
	case "warm", "cold":
		l.caches = []string{caches}
	default:
		return fmt.Errorf("no -cache %q, but warm and cold", caches)
	}
	return nil
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}
