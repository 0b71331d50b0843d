package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
	"github.com/ropewalk/ropewalk/bench/internal/web"
)

var errNothing = errors.New("not one answer came back")

// A cell is a load that all servers of a part get.
type cell struct {
	name, title string
	unit        string   // what a message is
	load        []string // of the load generator
	refs        []string // servers to which a ratio is printed
	goals       []goal
}

// matrix measures the servers of a part in every cell.
func (b *bench) matrix(part string, kinds []kind, absent map[string]string, cells []cell) error {
	for _, c := range cells {
		if len(b.cells) > 0 && !slices.Contains(b.cells, c.name) {
			continue
		}
		b.report.Logf("  %s %s", part, c.name)
		all, err := harness.Rounds(b.ctx, b.report.Logf, kinds, b.rounds, func(s *server) (*result, error) {
			r := new(result)
			args := append([]string{"-w", fmt.Sprint(b.warm), "-t", fmt.Sprint(b.time)}, c.load...)
			if err := harness.Load(b.ctx, b.Bin("load"), s, time.Minute+b.seconds(), r, args...); err != nil {
				return nil, err
			}
			if r.Msgs == 0 {
				return nil, errNothing
			}
			return r, nil
		})
		if err != nil {
			return err
		}
		b.conclude(part, c, all, absent)
	}
	return nil
}

func (b *bench) seconds() time.Duration {
	return time.Duration((b.warm + b.time) * float64(time.Second))
}

// conclude makes the table of a cell and looks at its goals.
func (b *bench) conclude(part string, c cell, all []series, absent map[string]string) {
	absent = maps.Clone(absent)
	t := c.table(all)
	for _, s := range all {
		if len(harness.Values(s, cpu)) == 0 {
			absent[s.Kind.Name] = "every round was dropped"
			b.report.Fail("%s %s: %s: every round was dropped", part, c.name, s.Kind.Name)
		}
	}
	for _, name := range sortedKeys(absent) {
		t.Note("missing: %s: %s", name, absent[name])
	}
	for _, g := range c.goals {
		g.judge(&b.report.Goals, t, fmt.Sprintf("%s %s", part, c.name), all, absent)
	}
	b.report.Add(t)
	harness.Keep(&b.report, part, c.name, all)
}

// hello measures small answers.
func (b *bench) hello() error {
	kinds, absent := b.present("hello", b.helloKinds(), web.VerifyHello)
	var cells []cell
	for _, shape := range []struct {
		conns, depth int
		goals        []goal
	}{
		{64, 1, []goal{{0.9, []string{"fasthttp"}}, {0.45, []string{"nethttp"}}}},
		{64, 16, []goal{{0.7, []string{"fasthttp"}}}},
		{1, 1, nil},
		{1000, 1, nil},
	} {
		cells = append(cells, cell{
			name:  fmt.Sprintf("%d/%d", shape.conns, shape.depth),
			title: fmt.Sprintf("Hello: %d connections, %d requests at a time on each", shape.conns, shape.depth),
			unit:  "request",
			load:  []string{"-m", "http", "-path", "/", "-c", strconv.Itoa(shape.conns), "-d", strconv.Itoa(shape.depth)},
			refs:  []string{"fasthttp", "nethttp", "nginx"},
			goals: shape.goals,
		})
	}
	return b.matrix("hello", kinds, absent, cells)
}

// ws measures WebSocket echo.
func (b *bench) ws() error {
	kinds, absent := b.present("ws", b.wsKinds(), verifyEcho)
	var cells []cell
	for _, shape := range []struct {
		size, conns, depth int
		goals              []goal
	}{
		{125, 64, 1, []goal{{0.8, []string{"gobwas", "gobwas-plain", "gobwas-wsutil"}}, {0.7, []string{"coder", "coder-read"}}}},
		{125, 64, 16, nil},
	} {
		cells = append(cells, cell{
			name:  fmt.Sprintf("%d/%d/%d", shape.size, shape.conns, shape.depth),
			title: fmt.Sprintf("WebSocket echo: %d B, %d connections, %d messages at a time on each", shape.size, shape.conns, shape.depth),
			unit:  "message",
			load: []string{"-m", "ws", "-s", strconv.Itoa(shape.size), "-c", strconv.Itoa(shape.conns),
				"-d", strconv.Itoa(shape.depth)},
			refs:  []string{"gobwas", "coder"},
			goals: shape.goals,
		})
	}
	return b.matrix("ws", kinds, absent, cells)
}
