// Package verify finds out whether a server answers every byte right, before anybody times it.
//
//	server ── Echo: shapes, cut at random places ──► every byte compared
//	       ── Fan: all members, one by one ────────► every byte of a broadcast compared
//
// The load generator in C does the comparing; a nil error means that it found nothing wrong and that something was compared.
package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// ErrNothing says that a server did not answer at all.
var ErrNothing = errors.New("not one message came back")

// A shape is payload bytes, connections, and messages outstanding on each.
type shape struct{ size, conns, depth int }

// shapes are a tiny one, one larger than a page, one larger than a read, deep ones.
var shapes = []shape{{4, 2, 4}, {64, 4, 8}, {1000, 3, 32}, {16384, 2, 1}, {200000, 1, 2}}

// empty are frames without a payload, which raw mode does not know.
var empty = shape{0, 2, 4}

// patience is how long a server may take for a shape, where time is no bound.
const patience = 10 * time.Second

// Echo asks a server for the echo of every shape; mode is "raw" or "frame", load is the load generator. Each shape goes on for so
// long; if each is zero, until every message that was outstanding has come back three times. A server that has answered
// nothing in its time is given two seconds more: the machine may be busy.
func Echo(ctx context.Context, load string, s *harness.Server, mode string, each time.Duration) error {
	all := shapes
	if mode == "frame" {
		all = append([]shape{empty}, all...)
	}
	for _, c := range all {
		want := 0 // any number
		if each == 0 {
			want = 3 * c.conns * c.depth
		}
		n, err := c.echo(ctx, load, s, mode, cmp.Or(each, patience), want)
		if err == nil && n == 0 && each != 0 {
			n, err = c.echo(ctx, load, s, mode, 2*time.Second, want)
		}
		switch {
		case err == nil && n == 0:
			err = ErrNothing
		case err == nil && each == 0 && n < float64(want):
			err = fmt.Errorf("only %v of %d messages in %v", n, want, patience)
		}
		if err != nil {
			return fmt.Errorf("%d B, %d connections, depth %d: %w", c.size, c.conns, c.depth, err)
		}
	}
	return nil
}

// echo runs a shape for some time, or until so many messages came back; zero is any number.
func (c shape) echo(ctx context.Context, load string, s *harness.Server, mode string,
	limit time.Duration, bound int) (float64, error) {

	var r harness.Result
	args := []string{"-m", mode, "-verify", "-w", "0", "-t", fmt.Sprint(limit.Seconds()),
		"-s", strconv.Itoa(c.size), "-c", strconv.Itoa(c.conns), "-d", strconv.Itoa(c.depth)}
	if bound > 0 {
		args = append(args, "-k", strconv.Itoa(bound))
	}
	err := harness.Load(ctx, load, s, limit+20*time.Second, &r, args...)
	return r.Msgs, err
}

// Fan has a server broadcast frames of several sizes to some members, who must all get each of them.
func Fan(ctx context.Context, load string, s *harness.Server) error {
	for _, size := range []int{0, 4, 1024, 40000} {
		if err := fan(ctx, load, s, size); err != nil {
			return fmt.Errorf("broadcasts of %d B: %w", size, err)
		}
	}
	return nil
}

const fanMembers, fanRounds = 20, 5

func fan(ctx context.Context, load string, s *harness.Server, size int) error {
	h, err := harness.Hold(ctx, load, s, 20*time.Second, "-m", "framefan", "-c", strconv.Itoa(fanMembers), "-s", strconv.Itoa(size))
	if err != nil {
		return err
	}
	defer h.Release()
	for range fanRounds {
		var r harness.Result
		if err := h.Ask("1", 20*time.Second, &r); err != nil {
			return err
		}
		if r.Msgs != fanMembers {
			return fmt.Errorf("%v of %d members", r.Msgs, fanMembers)
		}
	}
	return nil
}

// Conns has connections come and go, each of which speaks once; close is "rst" or "fin".
func Conns(ctx context.Context, load string, s *harness.Server, close string, n int) error {
	var r harness.Result
	err := harness.Load(ctx, load, s, 40*time.Second, &r, "-m", "conns", "-c", "8", "-s", "60",
		"-w", "0", "-t", "20", "-k", strconv.Itoa(n), "-close", close)
	if err == nil && r.Msgs < float64(n) {
		err = fmt.Errorf("only %v of %d connections", r.Msgs, n)
	}
	return err
}
