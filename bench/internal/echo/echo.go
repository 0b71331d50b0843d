// Package echo is the load of servers that send back what they get: raw bytes, or frames with four bytes of length. It
// runs the load generator in closed and open loops; package verify looks at every byte before anything is timed.
//
//	Client{Path} ── Closed ─► each connection has so many messages outstanding
//	             ── Open ───► messages are due at random times, whatever the server does
package echo

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// ErrNothing is returned if no answer has come.
var ErrNothing = errors.New("not one message came back")

// A Shape is that of a load: payload bytes, connections, and messages outstanding on each of them.
type Shape struct{ Size, Conns, Depth int }

func (s Shape) String() string { return fmt.Sprintf("%d/%d/%d", s.Size, s.Conns, s.Depth) }

// Title says the same in words.
func (s Shape) Title() string {
	size := fmt.Sprintf("%d B", s.Size)
	if s.Size >= 1024 && s.Size%1024 == 0 {
		size = fmt.Sprintf("%d KiB", s.Size>>10)
	}
	conns := "1 connection"
	if s.Conns > 1 {
		conns = fmt.Sprintf("%d connections", s.Conns)
	}
	return fmt.Sprintf("%s, %s, depth %d", size, conns, s.Depth)
}

// Parse reads a shape, as 64/1000/1.
func Parse(text string) (Shape, error) {
	var s Shape
	var rest string
	n, _ := fmt.Sscanf(text+" .", "%d/%d/%d %s", &s.Size, &s.Conns, &s.Depth, &rest)
	if n != 4 || rest != "." || s.Size < 0 || s.Conns < 1 || s.Depth < 1 {
		return Shape{}, fmt.Errorf("%q is not a cell: it should be payload/connections/depth, as 64/64/1", text)
	}
	return s, nil
}

// ParseList reads a list of shapes, by comma.
func ParseList(list string) ([]Shape, error) {
	var all []Shape
	for text := range strings.SplitSeq(list, ",") {
		if text == "" {
			continue
		}
		s, err := Parse(text)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// Shapes returns all combinations, in order.
func Shapes(sizes, conns, depths []int) []Shape {
	var all []Shape
	for _, size := range sizes {
		for _, n := range conns {
			for _, depth := range depths {
				all = append(all, Shape{size, n, depth})
			}
		}
	}
	return all
}

// WarmUp adds to the seconds of warm-up what every outstanding message needs to come round at least once: with a thousand
// connections of 16 KiB messages that is half a gibibyte.
func (s Shape) WarmUp(warm float64) float64 {
	return warm + float64(s.Size)*float64(s.Conns)*float64(s.Depth)/(1<<30)
}

// A Client runs the load generator.
type Client struct {
	Path string // of the load generator
	Mode string // raw or frame
}

// Closed runs a closed loop for some seconds after a warm-up.
func (c Client) Closed(ctx context.Context, s *harness.Server, shape Shape, warm, seconds float64, extra ...string) (*harness.Result, error) {
	args := append([]string{"-m", c.Mode,
		"-s", strconv.Itoa(shape.Size), "-c", strconv.Itoa(shape.Conns), "-d", strconv.Itoa(shape.Depth),
		"-w", fmt.Sprint(warm), "-t", fmt.Sprint(seconds)}, extra...)
	r := new(harness.Result)
	limit := time.Duration((warm+seconds)*float64(time.Second)) + 20*time.Second
	if err := harness.Load(ctx, c.Path, s, limit, r, args...); err != nil {
		return nil, err
	}
	return r, nil
}

// An OpenResult is what the load generator prints after an open loop.
type OpenResult struct {
	Msgs    float64 `json:"msgs"`
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu_ns_per_msg"`
	Busy    float64 `json:"busy_core"`
	P50     float64 `json:"p50_us"`
	P99     float64 `json:"p99_us"`
	P999    float64 `json:"p999_us"`
	Max     float64 `json:"max_us"`
	LateP99 float64 `json:"late_p99_us"` // how late the load generator was itself
}

// Open runs an open loop: so many messages in a second, at random times on any of the connections. Depth is of no account.
func (c Client) Open(ctx context.Context, s *harness.Server, shape Shape, rate, warm, seconds float64) (*OpenResult, error) {
	r := new(OpenResult)
	return r, harness.Load(ctx, c.Path, s, time.Minute, r, "-m", c.Mode, "-rate", fmt.Sprintf("%.0f", rate),
		"-s", strconv.Itoa(shape.Size), "-c", strconv.Itoa(shape.Conns), "-w", fmt.Sprint(warm), "-t", fmt.Sprint(seconds))
}
