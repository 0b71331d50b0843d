// Command udp measures what echoing UDP packets costs and prints it beside a floor written in C, plain package net and gnet, on the
// same machine and in the same minutes.
//
//	go -C bench run ./udp [-rounds 9] [-time 0.4] [-cells 64/64/1,64/8/16/offload]
//
// A cell is the bytes of a packet, the peers, and the packets that each of them has on its way. The peers send and receive packets one by
// one, and that is the server's cost: on the loopback interface an answer is delivered in the time of the one that sends it. With a
// fourth part, offload, the peers do as our server does, and send and receive several at once. What they save is what a network card
// would do, or the machine of the peer. The goal is twice the packets per CPU second of net.UDPConn at 64 bytes.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/figures"
	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

const (
	floorGSO = "c gso"
	ours     = "ropewalk"
	onUring  = "ropewalk-uring"
	plain    = "net"
	goal     = 2.0 // times the packets per CPU second of package net
)

type bench struct {
	*harness.Builder
	ctx        context.Context
	rounds     int
	time, warm float64
	report     harness.Report
}

// A cell is a shape of load.
type cell struct {
	size, peers, depth int
	offload            bool
}

func (c cell) String() string {
	s := fmt.Sprintf("%d/%d/%d", c.size, c.peers, c.depth)
	if c.offload {
		s += offload
	}
	return s
}

const offload = "/offload"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "udp:", err)
		os.Exit(1)
	}
}

func run() error {
	b := new(bench)
	flag.IntVar(&b.rounds, "rounds", 9, "interleaved rounds of each cell")
	flag.Float64Var(&b.time, "time", 0.4, "seconds measured in a round")
	flag.Float64Var(&b.warm, "warm", 0.1, "seconds of load before that")
	list := flag.String("cells", "64/64/1,64/8/16,64/1/64,64/8/16/offload,1024/8/8/offload", "bytes/peers/packets on the way of each, and perhaps /offload")
	jsonFile := flag.String("json", "", "also write everything to this file")
	flag.Parse()
	cells, err := parseCells(*list)
	if err != nil {
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
	b.report.Begin()
	kinds := b.startable(b.kinds())
	for _, c := range cells {
		if err := b.measure(c, kinds); err != nil {
			return err
		}
	}
	return b.report.End(*jsonFile)
}

func parseCells(list string) (cells []cell, err error) {
	for _, text := range strings.Split(list, ",") {
		var c cell
		text, c.offload = strings.CutSuffix(text, offload)
		if _, err := fmt.Sscanf(text, "%d/%d/%d", &c.size, &c.peers, &c.depth); err != nil || c.size < 8 || c.size > 9000 ||
			c.peers < 1 || c.depth < 1 || c.depth > 64 {
			return nil, fmt.Errorf("cell %q: want bytes/peers/packets, 8 to 9000 bytes, and 1 to 64 packets", text)
		}
		cells = append(cells, c)
	}
	return cells, nil
}

func (b *bench) build(dir string) (err error) {
	if b.Builder, err = harness.NewBuilder(b.ctx, dir); err != nil {
		return err
	}
	b.report.Logf("building in %s", dir)
	if err := b.C("c-udp", "../udp/c/floor.c"); err != nil {
		return err
	}
	if err := b.C("udp-load", "../udp/c/load.c", "load_util.c"); err != nil {
		return err
	}
	if err := b.Run(b.Module, "go", "build", "-pgo=off", "-o", b.Bin("udp-peer"), "./udp/peer"); err != nil {
		return err
	}
	return b.Run(filepath.Dir(b.Module), "go", "build", "-pgo=off", "-o", b.Bin("udpecho"), "./examples/udpecho")
}

func (b *bench) kinds() []harness.Kind {
	c, peer, own := b.Bin("c-udp"), b.Bin("udp-peer"), []string{b.Bin("udpecho"), "-addr", "127.0.0.1:0", "-loops", "1", "-engine"}
	return []harness.Kind{
		{Name: harness.Floor, Argv: []string{c}},
		{Name: harness.FloorAgain, Argv: []string{c}},
		{Name: floorGSO, Argv: []string{c, "gso"}},
		{Name: plain, Argv: []string{peer, "-mode", "net"}, Go: true},
		{Name: "gnet", Argv: []string{peer, "-mode", "gnet"}, Go: true},
		{Name: ours, Argv: append(own[:len(own):len(own)], "epoll"), Go: true},
		{Name: onUring, Argv: append(own[:len(own):len(own)], "uring"), Go: true, Optional: true},
	}
}

// startable leaves out servers that the system refuses.
func (b *bench) startable(kinds []harness.Kind) (able []harness.Kind) {
	for _, k := range kinds {
		if k.Optional {
			s, err := harness.Start(b.ctx, k)
			if err != nil {
				b.report.Logf("%s has no rows: %v", k.Name, err)
				continue
			}
			s.Stop()
		}
		able = append(able, k)
	}
	return able
}

// measure runs one cell.
func (b *bench) measure(c cell, kinds []harness.Kind) error {
	b.report.Logf("  %s", c)
	limit := time.Duration((b.time+b.warm)*float64(time.Second)) + 10*time.Second
	all, err := harness.Rounds(b.ctx, b.report.Logf, kinds, b.rounds, func(s *harness.Server) (*harness.Result, error) {
		r := new(harness.Result)
		args := []string{fmt.Sprint(c.size), fmt.Sprint(c.peers), fmt.Sprint(c.depth), fmt.Sprint(b.time), fmt.Sprint(b.warm)}
		if c.offload {
			args = append(args, "offload")
		}
		err := harness.Load(b.ctx, b.Bin("udp-load"), s, limit, r, args...)
		if err == nil && r.Msgs == 0 {
			err = fmt.Errorf("%s: no packet came back", s.Name)
		}
		return r, err
	})
	if err != nil {
		return err
	}
	b.report.Add(echoTable(c, all))
	harness.Keep(&b.report, "udp", c.String(), all)
	base, _ := harness.Find(all, plain)
	for _, name := range []string{ours, onUring} {
		if own, ok := harness.Find(all, name); ok {
			times := figures.Median(harness.Ratios(base, own, cpu))
			if c.size == 64 {
				b.report.Goals.AtLeast(goal, times, "%s, %s: packets per CPU second, times those of net.UDPConn", name, c)
			}
		}
	}
	return nil
}

func cpu(r *harness.Result) float64 { return r.CPU }

func echoTable(c cell, all []harness.Series[harness.Result]) *figures.Table {
	title := fmt.Sprintf("UDP echo, %d B, %d peers, %d packets on the way of each", c.size, c.peers, c.depth)
	if c.offload {
		title += ", peers with offload"
	}
	t := &figures.Table{Title: title,
		Columns: []string{"server", "CPU/c", "quartiles", "CPU ns", "net/it", "user", "packets/s", "p50 us", "p99 us", "busy", "rounds"}}
	base, _ := harness.Find(all, harness.Floor)
	other, _ := harness.Find(all, plain)
	for _, s := range all {
		ratio := harness.SpreadOf(harness.Ratios(s, base, cpu))
		median := func(f func(*harness.Result) float64) float64 { return figures.Median(harness.Values(s, f)) }
		t.Row(s.Kind.Name, fmt.Sprintf("%.2f", ratio.Median), fmt.Sprintf("%.2f-%.2f", ratio.Q1, ratio.Q3), fmt.Sprintf("%.0f", median(cpu)),
			fmt.Sprintf("%.2f", figures.Median(harness.Ratios(other, s, cpu))), fmt.Sprintf("%.2f", harness.UserShare(s)),
			fmt.Sprintf("%.0f", median((*harness.Result).Rate)), fmt.Sprintf("%.0f", median(func(r *harness.Result) float64 { return r.P50 })),
			fmt.Sprintf("%.0f", median(func(r *harness.Result) float64 { return r.P99 })),
			fmt.Sprintf("%.2f", median(func(r *harness.Result) float64 { return r.Busy })), fmt.Sprint(ratio.Rounds))
	}
	harness.NoteBand(t, all, cpu)
	return t
}
