// Command flame shows where the time of framed echo goes: it samples a server and the kernel below it while it is under load, and
// writes a flame graph and a table of layers.
//
//	go -C bench run ./flame [-engine epoll] [-cell 64/64/32] [-seconds 3] [-svg flame.svg]
//
// It needs perf (apt-get install linux-perf) and root, since the kernel's part is the larger one. It samples by the CPU's clock, for
// which no hardware counters are needed: 1,999 times a second of CPU time. The table goes to stdout.
//
// Width is time; what stands on something was called by it. Hover a piece for its name and share.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/echo"
	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

const rate = 1999 // samples a second; a prime, so that they do not keep step with anything

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "flame:", err)
		os.Exit(1)
	}
}

func run() error {
	engine := flag.String("engine", "", "engine of the server: uring epoll std gnet; empty for the default")
	cell := flag.String("cell", "64/64/32", "bytes/connections/depth")
	mode := flag.String("mode", "frame", "frame or raw")
	seconds := flag.Float64("seconds", 3, "sampled, after half a second of load")
	svg := flag.String("svg", "", "file for the flame graph")
	flag.Parse()
	if flag.NArg() > 0 {
		return fmt.Errorf("unknown argument %q", flag.Arg(0))
	}
	shape, err := echo.Parse(*cell)
	if err != nil {
		return err
	}
	if _, err := exec.LookPath("perf"); err != nil {
		return fmt.Errorf("%w (apt-get install linux-perf)", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := os.MkdirTemp("", "flame")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b, err := harness.NewBuilder(ctx, dir)
	if err != nil {
		return err
	}
	if err := b.LoadGenerator(); err != nil {
		return err
	}
	if err := b.Peer("ropewalk"); err != nil {
		return err
	}
	s, err := harness.Start(ctx, harness.Kind{Name: "ropewalk", Go: true,
		Argv: []string{b.Bin("ropewalk"), "-addr", "127.0.0.1:0", "-mode", *mode, "-loops", "1", "-engine", *engine}})
	if err != nil {
		return err
	}
	defer s.Stop()
	data := dir + "/perf.data"
	sampled := make(chan error, 1)
	go func() { sampled <- record(ctx, s.Pid(), data, *seconds) }()
	const warm = 0.5
	res, err := echo.Client{Path: b.Bin("load"), Mode: *mode}.Closed(ctx, s, shape, warm, *seconds+warm)
	if err != nil {
		return err
	}
	if err := <-sampled; err != nil {
		return err
	}
	text, err := exec.CommandContext(ctx, "perf", "script", "-i", data, "-F", "comm,ip,sym,dso").Output()
	if err != nil {
		return fmt.Errorf("perf script: %w", err)
	}
	stacks := parse(string(text))
	if len(stacks) < 100 {
		return fmt.Errorf("%d samples are too few", len(stacks))
	}
	title := fmt.Sprintf("%s echo of %s, %s: %.0f ns of CPU a message", *mode, shape.Title(), engineName(*engine), res.CPU)
	fmt.Printf("%s\n%s, %d samples\n\n", title, harness.Machine(), len(stacks))
	printLayers(os.Stdout, stacks, res.CPU)
	if *svg == "" {
		return nil
	}
	return os.WriteFile(*svg, []byte(draw(grow(stacks), title)), 0o644)
}

func engineName(name string) string {
	if name == "" {
		return "default engine"
	}
	return name
}

// record samples a process for some seconds, from when the load has settled.
func record(ctx context.Context, pid int, name string, seconds float64) error {
	select {
	case <-time.After(time.Second / 2):
	case <-ctx.Done():
		return ctx.Err()
	}
	cmd := exec.CommandContext(ctx, "perf", "record", "-q", "-e", "cpu-clock", "-F", strconv.Itoa(rate), "-g", "-p", strconv.Itoa(pid),
		"-o", name, "--", "sleep", strconv.FormatFloat(seconds, 'f', -1, 64))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("perf record: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}
