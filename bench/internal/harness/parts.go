package harness

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// A Part is a part of a benchmark that can be asked for by name.
type Part struct {
	Name string
	Run  func() error
}

// Parts are the parts in the order in which they run.
type Parts []Part

// Check returns an error if one of the names is none of a part.
func (p Parts) Check(names []string) error {
	for _, name := range names {
		if !slices.ContainsFunc(p, func(p Part) bool { return p.Name == name }) {
			return fmt.Errorf("no part %q", name)
		}
	}
	return nil
}

// Run runs the parts with the given names, all if there are none. One that fails is noted, and the next one runs.
func (p Parts) Run(ctx context.Context, r *Report, names []string) error {
	start := time.Now()
	r.Begin()
	for _, part := range p {
		if len(names) > 0 && !slices.Contains(names, part.Name) {
			continue
		}
		r.Logf("%s: %s", time.Since(start).Round(time.Second), part.Name)
		if err := part.Run(); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			r.Fail("%s: %v", part.Name, err)
		}
	}
	r.Logf("%s: done", time.Since(start).Round(time.Second))
	return nil
}
