package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// result is what the load generator prints after a closed loop.
type result struct {
	Msgs      float64 `json:"msgs"`       // in the measured window
	TotalMsgs float64 `json:"total_msgs"` // and with what came before it
	Seconds   float64 `json:"seconds"`
	CPU       float64 `json:"cpu_ns_per_msg"` // of the server
	UserTicks float64 `json:"user_ticks"`
	SysTicks  float64 `json:"sys_ticks"`
	Busy      float64 `json:"busy_core"` // share of its CPU the server had
	P50       float64 `json:"p50_us"`
	P99       float64 `json:"p99_us"`
	P999      float64 `json:"p999_us"`
	OwnCPU    float64 `json:"own_cpu_ns_per_msg"` // of the load generator
}

func (r *result) rate() float64 { return r.Msgs / r.Seconds }

// fileResult is what it prints after transferring files.
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

// load runs the load generator against a server, on its own CPU, and decodes
// the line it prints.
func (b *bench) load(s *server, limit time.Duration, into any, args ...string) error {
	ctx, cancel := context.WithTimeout(b.ctx, limit)
	defer cancel()
	args = append([]string{"-p", s.port, "-pid", strconv.Itoa(s.pid())}, args...)
	cmd := exec.CommandContext(ctx, b.bin("load"), args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := startPinned(cmd, loadCPU); err != nil {
		return err
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%s: load %s: %w %s", s.name, strings.Join(args, " "), err, strings.TrimSpace(stderr.String()))
	}
	return json.Unmarshal(stdout.Bytes(), into)
}

// cell is the shape of an echo load.
type cell struct{ size, conns, depth int }

func (c cell) String() string { return fmt.Sprintf("%d/%d/%d", c.size, c.conns, c.depth) }

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
