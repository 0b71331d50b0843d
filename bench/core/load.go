package main

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

var errNothing = errors.New("not one message came back")

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

// cell is the shape of an echo load.
type cell struct{ size, conns, depth int }

func (c cell) String() string { return fmt.Sprintf("%d/%d/%d", c.size, c.conns, c.depth) }

// parseCells reads a list of cells, as 64/64/1,64/1000/1.
func parseCells(list string) ([]cell, error) {
	var all []cell
	for _, text := range split(list) {
		var c cell
		var rest string
		n, _ := fmt.Sscanf(text+" .", "%d/%d/%d %s", &c.size, &c.conns, &c.depth, &rest)
		if n != 4 || rest != "." || c.size < 0 || c.conns < 1 || c.depth < 1 {
			return nil, fmt.Errorf("-cells: %q is not a cell: it should be payload/connections/depth, as 64/64/1", text)
		}
		all = append(all, c)
	}
	return all, nil
}

// shapes returns the cells that -cells asks for, or these if it says nothing.
func (b *bench) shapes(usual []cell) []cell {
	if len(b.cells) > 0 {
		return b.cells
	}
	return usual
}

// warmFor gives every message that is outstanding the time to come round at least once: with a thousand connections of
// 16 KiB messages that is half a gibibyte.
func (b *bench) warmFor(c cell) float64 {
	return b.warm + float64(c.size)*float64(c.conns)*float64(c.depth)/(1<<30)
}

// echo runs a closed loop of a shape for some seconds after a warm-up.
func (b *bench) echo(s *server, mode string, c cell, warm, seconds float64, extra ...string) (*result, error) {
	args := append([]string{"-m", mode,
		"-s", strconv.Itoa(c.size), "-c", strconv.Itoa(c.conns), "-d", strconv.Itoa(c.depth),
		"-w", fmt.Sprint(warm), "-t", fmt.Sprint(seconds)}, extra...)
	r := new(result)
	limit := time.Duration((warm+seconds)*float64(time.Second)) + 20*time.Second
	if err := b.load(s, limit, r, args...); err != nil {
		return nil, err
	}
	return r, nil
}
