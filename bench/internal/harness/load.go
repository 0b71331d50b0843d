package harness

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// A Result is what the load generator prints after a closed loop.
type Result struct {
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

// Rate returns messages per second.
func (r *Result) Rate() float64 { return r.Msgs / r.Seconds }

// UserShare is the share of user code in a server's CPU time, over all rounds together, because ticks are few in one.
func UserShare(s Series[Result]) float64 {
	user := Sum(Values(s, func(r *Result) float64 { return r.UserTicks }))
	sys := Sum(Values(s, func(r *Result) float64 { return r.SysTicks }))
	if user+sys == 0 {
		return 0
	}
	return user / (user + sys)
}

// Load runs the load generator at path against a server, on its own CPU unless the server is free, and decodes the line it prints.
func Load(ctx context.Context, path string, s *Server, limit time.Duration, into any, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	args = against(s, args)
	cmd := exec.CommandContext(ctx, path, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := s.startOn(cmd, LoadCPU); err != nil {
		return err
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%s: load %s: %w %s", s.Name, strings.Join(args, " "), err, strings.TrimSpace(stderr.String()))
	}
	return json.Unmarshal(stdout.Bytes(), into)
}

func against(s *Server, args []string) []string {
	return append([]string{"-p", s.Port, "-pid", strconv.Itoa(s.Pid())}, args...)
}

// A Holder is a load generator that holds connections until it is released.
type Holder struct {
	name   string
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr bytes.Buffer
}

// Hold starts a load generator that holds connections, and returns when all are there.
func Hold(ctx context.Context, path string, s *Server, limit time.Duration, args ...string) (*Holder, error) {
	h := &Holder{name: s.Name, cmd: exec.CommandContext(ctx, path, against(s, args)...)}
	h.cmd.Stderr = &h.stderr
	stdout, err := h.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if h.stdin, err = h.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	h.stdout = bufio.NewReader(stdout)
	if err := s.startOn(h.cmd, LoadCPU); err != nil {
		return nil, err
	}
	if _, err := h.line(limit); err != nil {
		return nil, fmt.Errorf("holding connections: %w", err)
	}
	return h, nil
}

// line reads a line, and kills the load generator if none comes.
func (h *Holder) line(limit time.Duration) ([]byte, error) {
	timer := time.AfterFunc(limit, func() { h.cmd.Process.Kill() })
	defer timer.Stop()
	line, err := h.stdout.ReadBytes('\n')
	if err != nil {
		h.Release()
		return nil, fmt.Errorf("%s: load: %w %s", h.name, err, strings.TrimSpace(h.stderr.String()))
	}
	return line, nil
}

// Ask writes a line to the load generator and decodes the line that it prints.
func (h *Holder) Ask(line string, limit time.Duration, into any) error {
	if _, err := fmt.Fprintln(h.stdin, line); err != nil {
		return err
	}
	answer, err := h.line(limit)
	if err != nil {
		return err
	}
	return json.Unmarshal(answer, into)
}

// Release ends the load generator, and with it its connections. Further calls do nothing.
func (h *Holder) Release() {
	h.stdin.Close()
	h.cmd.Wait()
}
