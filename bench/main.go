// Command bench measures ropewalk beside everything that one would pick instead, on this machine and in the same minutes: floors in
// C on epoll and io_uring, package net, gnet, netpoll, nbio, evio, go-netty, Netty, fasthttp, net/http and nginx; and each engine of
// ropewalk as a server of its own.
//
//	go -C bench run .                    # quick: every workload and every server, less than five minutes
//	go -C bench run . -full              # every cell, about 40 minutes
//	go -C bench run . -workloads frames -cells 64/64/1,64/1000/1 -servers gnet,netty -rounds 21
//	go -C bench run . -compare old.json  # and beside an older result
//	go -C bench run . -from out/result.json -markdown
//
// It needs Linux, two CPUs and gcc; a JVM with libnetty-java, and nginx, if their rows are wanted. Progress goes to stderr and
// the tables to stdout; out/result.json and out/result.html have everything else. A lost goal is a figure. The exit status is not 0 if a
// server answers wrong bytes, or if ours or the floor does not build or run. See README.md for what the figures mean.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	o, err := parse(args, os.Stderr)
	if err == flag.ErrHelp {
		return nil
	}
	if err != nil {
		return err
	}
	if o.from != "" {
		return o.render()
	}
	if runtime.NumCPU() < 2 {
		return fmt.Errorf("two CPUs are needed: one for the server, one for the load")
	}
	dir, err := os.MkdirTemp("", "ropewalk-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := newBench(ctx, o, os.Stderr)
	err = b.run(dir)
	for _, f := range b.cleanup {
		f()
	}
	if err != nil && len(b.file.Cells) == 0 {
		return err
	}
	b.finish()
	if err != nil {
		b.fail("ended before everything was measured: %v", err)
	}
	return o.write(b.file)
}
