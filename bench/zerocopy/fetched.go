package main

import (
	"fmt"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/harness"
)

// fetched is what c/fetch.c tells of some requests, and their cost to the sender.
type fetched struct {
	Requests    float64 `json:"requests"`
	Bytes       float64 `json:"bytes"`
	Seconds     float64 `json:"seconds"` // from each `send` to its last byte, summed up
	CPU         float64 `json:"cpu_ns"`  // of the sender, exact
	UserTicks   float64 `json:"user_ticks"`
	SysTicks    float64 `json:"sys_ticks"`
	Voluntary   float64 `json:"voluntary"` // context switches
	Involuntary float64 `json:"involuntary"`
	Minor       float64 `json:"minor_faults"`
	Major       float64 `json:"major_faults"`
	Disk        float64 `json:"disk_bytes"` // read from disks; below 0 if that was not told
	Pages       float64 `json:"pages"`      // of all requests together
	Resident    float64 `json:"resident"`   // those in the page cache when a request began
	P50         float64 `json:"p50_us"`
	P99         float64 `json:"p99_us"`
	OwnCPU      float64 `json:"own_cpu_ns"` // of the receiver
	Settled     bool    `json:"settled"`    // the sender was asleep again when its CPU time was read
}

func (f *fetched) cpu() float64    { return f.CPU / f.Requests }
func (f *fetched) wall() float64   { return f.Seconds / f.Requests }
func (f *fetched) cpuGiB() float64 { return f.CPU / 1e9 / (f.Bytes / (1 << 30)) }

// askLimit is how long requests of a round may take.
const askLimit = 2 * time.Minute

// A cell is one size with the page cache in one state, and what came of it.
type cell struct {
	size  size
	cache string
	all   []series[fetched]
	calls map[string]float64 // row -> system calls of a request; missing if they were not counted
	why   error              // then
}

func (c *cell) String() string { return c.size.name + ", " + c.cache }

// measure lets each server send a file in interleaved rounds. What it needs to do so for the first time it does before, while its
// system calls are counted.
func (l *lab) measure(c *cell, servers []*server, local string) error {
	holders := map[string]*harness.Holder{}
	defer func() {
		for _, h := range holders {
			h.Release()
		}
	}()
	c.calls = map[string]float64{}
	var there []*server
	for _, s := range servers {
		h, err := harness.Hold(l.ctx, l.Bin("fetch"), s, askLimit, "-name", c.size.name, "-local", local)
		if err == nil {
			err = l.count(c, s, h)
		}
		if err != nil {
			l.report.Fail("%s, %s: %v", s.Name, c, err)
			continue
		}
		holders[s.Name] = h
		there = append(there, s)
	}
	ask := fmt.Sprint(c.size.requests(c.cache), " ", c.cache)
	var err error
	c.all, err = harness.Interleave(l.ctx, l.report.Logf, there, l.roundsOf(c.size), func(s *server) (*fetched, error) {
		f := new(fetched)
		return f, holders[s.Name].Ask(ask, askLimit, f)
	})
	return err
}

// count counts the system calls of some requests. They are the first, so one request goes before.
func (l *lab) count(c *cell, s *server, h *harness.Holder) error {
	var f fetched
	n := c.size.requests(c.cache)
	if n > 1 {
		if err := h.Ask("1 "+c.cache, askLimit, &f); err != nil {
			return err
		}
		n = max(10, n/10)
	}
	counter, err := harness.Count(s.Pid(), nil)
	if err != nil {
		c.why = err
		return h.Ask("1 "+c.cache, askLimit, &f)
	}
	defer counter.Close()
	if err := h.Ask(fmt.Sprint(n, " ", c.cache), askLimit, &f); err != nil {
		return err
	}
	counts, err := counter.Counts()
	if err != nil {
		c.why = err
		return nil
	}
	c.calls[s.Name] = counts.All / float64(n)
	return nil
}
