// Command instructions counts the instructions of the hot paths, one by one, and compares them with those in counts.txt.
//
//	go -C bench run ./instructions                   # compare; the exit status is 1 if anything differs
//	go -C bench run ./instructions -only codec       # only operations with this in their name
//	go -C bench run ./instructions -update           # write counts.txt anew
//	go -C bench run ./instructions -keep /tmp/calls  # also keep the files of callgrind
//
// A count does not depend on the speed of a machine, nor on what else runs on it, so a small loss shows at once, in CI too.
// It says nothing of caches and of the system: a claim about speed still needs the benchmarks. A count that went up by more
// than the tolerance fails; so does one that went down, until it is written to the file: otherwise as much could be lost
// again unseen.
//
// # How it counts
//
//	instructions ── builds itself ──► instructions -count NAME, under valgrind --tool=callgrind; one for each operation
//	                                    make, warm up
//	                                    toggle · n rounds  · toggle · dump
//	                                    toggle · 2n rounds · toggle · dump     ... three times each
//
// The count of an operation is what 2n rounds take more than n, by n and by the operations in a round: what is done once
// cancels out. Of three dumps the least counts: the runtime may interrupt one, which takes a thousand instructions or so.
// Two runs differ by nothing, or by a fraction of an instruction.
//
// It is built for GOAMD64=v1 and without cgo, and run with GODEBUG=cpu.all=off, so that package bytes and the like do not
// choose their code by the processor: they, and only they, are slower here than in a server. Pools neither watch handles nor
// trim, since both follow the time.
//
// # Other versions of Go
//
// counts.txt names the version that it is of. Releases of one minor version, which only fix, are held to the same tolerance. Another
// minor version brings another compiler: it is told, and only what went up by more than looseTolerance fails,
// until the file is updated with it.
//
// It needs linux/amd64 and valgrind, and takes about ten seconds.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	file := flag.String("file", "instructions/counts.txt", "the counts to compare with")
	update := flag.Bool("update", false, "write the counts to the file")
	only := flag.String("only", "", "only operations with this in their name")
	keep := flag.String("keep", "", "a folder for the files of callgrind, for callgrind_annotate; empty means they are removed")
	name := flag.String("count", "", "run the operation with this name: that is what runs under valgrind")
	flag.Parse()
	if *name != "" {
		count(*name)
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *file, *only, *keep, *update); err != nil {
		fmt.Fprintln(os.Stderr, "instructions:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, file, only, keep string, update bool) error {
	if update && only != "" {
		return fmt.Errorf("-update writes all counts, not only those with %q in their names", only)
	}
	want, err := readTable(file)
	if err != nil && !(update && os.IsNotExist(err)) {
		return err
	}
	got, err := callgrind(ctx, only, keep)
	if err != nil {
		return err
	}
	text, bad := compare(want, got, only)
	fmt.Print(text)
	if update {
		return os.WriteFile(file, []byte(got.String()), 0o644)
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d counts are not as in %s; if they are meant to be: go -C bench run ./instructions -update", bad, len(got.counts), file)
	}
	return nil
}
