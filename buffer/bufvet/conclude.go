package bufvet

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// conclude sums up what all paths have shown.
func (f *flow) conclude(s *summary) {
	for i := range s.modes.Params {
		s.modes.Params[i] = f.mode(i)
	}
	for i := range s.modes.Results {
		s.modes.Results[i] = f.result(i, &s.modes)
	}
	for i, v := range f.fn.FreeVars {
		s.outer[i] = f.outerEffect(i, v)
	}
	for _, o := range f.objs {
		f.reportLeaks(o)
	}
	f.reportEscapes()
	for _, found := range f.findings {
		s.findings = append(s.findings, found)
	}
	if obj, ok := f.fn.Object().(*types.Func); ok {
		s.modes.Borrowed = f.c.told.borrows(obj)
		told := f.c.told.funcs[obj]
		if s.modes.Lends = told != nil && told.lends; s.modes.Lends {
			clear(s.modes.Results)
		}
	}
}

// outcomes returns what became of a parameter on all paths.
func (f *flow) outcomes(i int, kind objKind) (all [released + 1]bool, returned bool) {
	for _, o := range f.objs {
		if o.kind == kind && o.param == i {
			for st, seen := range o.outcomes {
				all[st] = all[st] || seen
			}
			returned = returned || o.returned
		}
	}
	return all, returned
}

// mode says what the function does with a parameter.
func (f *flow) mode(i int) mode {
	p := f.fn.Params[i]
	if !owned(p.Type()) {
		return borrow
	}
	if f.told(i) {
		return borrow
	}
	all, returned := f.outcomes(i, param)
	switch {
	case all[released] || all[passed] || f.public(i) && !returned:
		return consume
	case all[stored]:
		return keep
	case all[untold]:
		return unknown
	case returned:
		return same
	case all[held]:
		return borrow
	}
	return unknown
}

// result says what the function returns in one place: what all its returns agree on.
func (f *flow) result(i int, m *modes) result {
	var all *result
	for _, row := range f.returned {
		r := row[i]
		if r == nil {
			continue
		}
		if r.Origin == sameAs && m.Params[r.Param] != same {
			r = &result{Origin: fresh} // the parameter was consumed on other paths: what comes back is owned anew
		}
		if all == nil {
			all = r
		} else if *all != *r {
			return result{}
		}
	}
	if all == nil {
		return result{}
	}
	return *all
}

// outerEffect says what a function literal does with a variable of the function around it.
func (f *flow) outerEffect(i int, v *ssa.FreeVar) effect {
	e := effect{writes: f.writes[i]}
	if !f.cells[v] {
		e.touches = true
		return e
	}
	all, returned := f.outcomes(i, outer)
	e.touches = returned || all[untold] || all[stored] || all[passed] || all[released]
	e.settles = e.touches && !returned && !all[untold] && !all[stored] && !all[held]
	e.release = e.settles && !all[passed]
	return e
}
