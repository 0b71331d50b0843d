package bufvet

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// A summary is what callers of a function need to know about it.
type summary struct {
	modes modes
	// outer says what a function literal does with the variables of the function around it.
	outer    []effect
	noReturn bool
	findings []finding
}

// An effect is what a function literal does with a variable of the function around it, and with the handle in it.
type effect struct {
	settles bool // every path releases the handle or passes it on
	touches bool // some path does something other than to borrow it
	writes  bool // it assigns to the variable
	release bool // the way it settles is Release
}

// A finding is a breach of the rules.
type finding struct {
	pos   token.Pos
	kind  string
	text  string
	notes []note
}

// A note names a place that has to do with a finding.
type note struct {
	pos  token.Pos
	text string
}

// infer analyses all functions, and those again that called one of which more is known by then.
func (c *checker) infer() {
	callers := make(map[*ssa.Function]map[*ssa.Function]bool)
	times := make(map[*ssa.Function]int)
	work := append([]*ssa.Function(nil), c.funcs...)
	waiting := make(map[*ssa.Function]bool)
	for _, f := range work {
		waiting[f] = true
	}
	for len(work) > 0 {
		fn := work[0]
		work = work[1:]
		waiting[fn] = false
		times[fn]++
		flow := newFlow(c, fn)
		old, next := c.summaries[fn], flow.run()
		c.summaries[fn] = next
		for callee := range flow.asked {
			if callers[callee] == nil {
				callers[callee] = make(map[*ssa.Function]bool)
			}
			callers[callee][fn] = true
		}
		if old != nil && old.equal(next) {
			continue
		}
		for _, caller := range c.funcs { // in the same order every time
			if callers[fn][caller] && !waiting[caller] && times[caller] < 6 {
				waiting[caller] = true
				work = append(work, caller)
			}
		}
	}
}

func (s *summary) equal(o *summary) bool {
	if s.noReturn != o.noReturn || len(s.outer) != len(o.outer) || len(s.modes.Params) != len(o.modes.Params) ||
		len(s.modes.Results) != len(o.modes.Results) {
		return false
	}
	for i := range s.outer {
		if s.outer[i] != o.outer[i] {
			return false
		}
	}
	for i := range s.modes.Params {
		if s.modes.Params[i] != o.modes.Params[i] {
			return false
		}
	}
	for i := range s.modes.Results {
		if s.modes.Results[i] != o.modes.Results[i] {
			return false
		}
	}
	return true
}

// summary returns what is known about a function of this package.
func (f *flow) summary(fn *ssa.Function) *summary {
	if o := fn.Origin(); o != nil {
		fn = o
	}
	f.asked[fn] = true
	return f.c.summaries[fn]
}
