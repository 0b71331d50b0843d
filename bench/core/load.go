package main

import (
	"fmt"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/echo"
	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// fileResult is what the load generator prints after transferring files.
type fileResult struct {
	Requests   float64 `json:"requests"`
	Seconds    float64 `json:"seconds"`
	CPURequest float64 `json:"cpu_ns_per_request"`
	CPUGiB     float64 `json:"cpu_s_per_gib"`
	Rate       float64 `json:"gib_per_s"`
	UserShare  float64 `json:"user_share"`
	Busy       float64 `json:"busy_core"`
	P50        float64 `json:"p50_us"`
	P99        float64 `json:"p99_us"`
}

// load runs the load generator against a server.
func (b *bench) load(s *server, limit time.Duration, into any, args ...string) error {
	return harness.Load(b.ctx, b.Bin("load"), s, limit, into, args...)
}

// shapes returns the cells that -cells asks for, or these if it says nothing.
func (b *bench) shapes(usual []cell) []cell {
	if len(b.cells) > 0 {
		return b.cells
	}
	return usual
}

// echo runs a closed loop of framed echo for some seconds after a warm-up.
func (b *bench) echo(s *server, c cell, warm, seconds float64) (*result, error) {
	return b.client().Closed(b.ctx, s, c, warm, seconds)
}

func (b *bench) client() echo.Client { return echo.Client{Path: b.Bin("load"), Mode: "frame"} }

func us(v float64) string { return fmt.Sprintf("%.0f", v) }
