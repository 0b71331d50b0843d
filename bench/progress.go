package main

import (
	"fmt"
	"io"
	"time"
)

// A step is a piece of work whose time can be told before, more or less.
type step struct {
	name    string
	seconds float64
	run     func() error
}

// progress tells what is being done, for how long it has been, and how long it may take yet: what is left of the estimate, times
// how wrong that has been so far.
type progress struct {
	out   io.Writer
	start time.Time

	steps       []step
	done, total float64 // of the estimate
	began       time.Time
}

// add plans steps.
func (p *progress) add(steps ...step) {
	for _, s := range steps {
		p.total += s.seconds
	}
	p.steps = append(p.steps, steps...)
}

// begin starts a step.
func (p *progress) begin(s step) {
	if p.began.IsZero() {
		p.began = time.Now()
	}
	left := p.left(time.Since(p.began))
	fmt.Fprintf(p.out, "%s  %s left  %s\n", clock(time.Since(p.start)), clock(left), s.name)
}

// end counts a step as done.
func (p *progress) end(s step) { p.done += s.seconds }

// left is how long the rest will take if it is as wrong as the beginning was. The first half minute of an estimate is believed.
func (p *progress) left(spent time.Duration) time.Duration {
	const belief = 30
	factor := (spent.Seconds() + belief) / (p.done + belief)
	return time.Duration((p.total - p.done) * factor * float64(time.Second))
}

func clock(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	return fmt.Sprintf("%2d:%02d", s/60, s%60)
}

// logf tells something below a step.
func (p *progress) logf(format string, args ...any) {
	fmt.Fprintf(p.out, "                     "+format+"\n", args...)
}
