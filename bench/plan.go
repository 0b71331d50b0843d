package main

import (
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/echo"
)

// A plan is how much of everything is done.
type plan struct {
	mode       string
	rounds     int
	time, warm float64       // seconds measured in a round, and before that
	once       float64       // seconds in which calls and allocations are counted
	compile    time.Duration // at most, for a JVM to get warm in a cell
	noiseLimit float64

	raw, frames, free []echo.Shape // cells
	freeRaw           bool         // raw echo is measured unpinned, too

	openTime   float64 // seconds of an open loop in a round: p99.9 needs many messages
	fanConns   []int   // connections that get each broadcast
	fanCount   int     // broadcasts in a round
	idleConns  int
	idleSettle time.Duration
	idleGC     bool // once more with a small GOGC
	slowMiB    int64
	slowProbe  float64
	hello      []helloShape
	files      []fileShape
	largeMiB   int64
}

type helloShape struct{ conns, depth int }

type fileShape struct {
	name, title, file string
	conns, count      int // count: requests in a round, 0 as many as fit into the time
}

// quick sees all workloads and all rows in less than five minutes. Its cells are those in which servers differ most: one message at
// a time, deep bursts, many connections, large messages.
var quick = plan{
	mode: "quick", rounds: 3, time: 0.15, warm: 0.05, once: 0.05, compile: 2 * time.Second, noiseLimit: 0.15,
	raw: []echo.Shape{{Size: 64, Conns: 64, Depth: 1}},
	frames: []echo.Shape{
		{Size: 64, Conns: 64, Depth: 1}, {Size: 64, Conns: 64, Depth: 32},
		{Size: 64, Conns: 1000, Depth: 1}, {Size: 16384, Conns: 64, Depth: 1},
	},
	free:     []echo.Shape{{Size: 64, Conns: 64, Depth: 1}},
	openTime: 0.3, fanConns: []int{1000}, fanCount: 10,
	idleConns: 4000, idleSettle: 300 * time.Millisecond,
	slowMiB: 96, slowProbe: 0.15,
	hello: []helloShape{{64, 1}},
	files: []fileShape{smallFiles}, largeMiB: 16,
}

// full is everything, in less than 45 minutes.
var full = plan{
	mode: "full", rounds: 5, time: 0.25, warm: 0.08, once: 0.1, compile: 4 * time.Second, noiseLimit: 0.15,
	raw:    echo.Shapes([]int{64, 1024, 16384}, []int{1, 64, 1000}, []int{1, 32}),
	frames: echo.Shapes([]int{64, 1024, 16384}, []int{1, 64, 1000}, []int{1, 32}),
	free: []echo.Shape{
		{Size: 64, Conns: 64, Depth: 1}, {Size: 64, Conns: 64, Depth: 32}, {Size: 1024, Conns: 64, Depth: 1},
	}, freeRaw: true,
	openTime: 1, fanConns: []int{100, 5000}, fanCount: 20,
	idleConns: 15000, idleSettle: 2 * time.Second, idleGC: true,
	slowMiB: 256, slowProbe: 0.5,
	hello: []helloShape{{1, 1}, {64, 1}, {64, 16}, {1000, 1}},
	files: []fileShape{smallFiles, {name: "64KiB/16", title: "64 KiB, 16 connections", file: "small", conns: 16}, largeFiles}, largeMiB: 1024,
}

var (
	smallFiles = fileShape{name: "64KiB", title: "64 KiB, 64 connections", file: "small", conns: 64}
	largeFiles = fileShape{name: "1GiB", title: "1 GiB, 1 connection", file: "large", conns: 1, count: 2}
)

// smoke sees that everything runs and that all servers answer right: far too short for figures.
var smoke = plan{
	mode: "smoke", rounds: 1, time: 0.05, warm: 0.02, once: 0.02, compile: 200 * time.Millisecond, noiseLimit: 0.15,
	raw:      []echo.Shape{{Size: 64, Conns: 8, Depth: 4}},
	frames:   []echo.Shape{{Size: 64, Conns: 8, Depth: 4}},
	free:     []echo.Shape{{Size: 64, Conns: 8, Depth: 4}},
	openTime: 0.1, fanConns: []int{50}, fanCount: 2,
	idleConns: 200, idleSettle: 50 * time.Millisecond,
	slowMiB: 8, slowProbe: 0.05,
	hello: []helloShape{{8, 1}},
	files: []fileShape{{name: "64KiB", title: "64 KiB, 4 connections", file: "small", conns: 4}}, largeMiB: 1,
}
