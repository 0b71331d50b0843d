package bufvet

import (
	"golang.org/x/tools/go/ssa"
)

// findCells finds the variables that can be followed although they are not registers, as function literals use them: all
// that is done with them is to be seen in this function and those literals.
func (f *flow) findCells() {
	f.cells = make(map[ssa.Value]bool)
	for _, b := range f.fn.Blocks {
		for _, instr := range b.Instrs {
			if a, ok := instr.(*ssa.Alloc); ok {
				f.cells[a] = f.confined(a, a)
			}
		}
	}
	for _, v := range f.fn.FreeVars {
		f.cells[v] = f.confined(v, v)
	}
}

// isCell tells whether what a loc names is memory rather than a register.
func (f *flow) isCell(v ssa.Value) bool {
	switch v.(type) {
	case *ssa.Alloc, *ssa.FreeVar:
		return true
	}
	return false
}

// confined tells whether an address into the variable root goes nowhere.
func (f *flow) confined(addr, root ssa.Value) bool {
	for _, r := range *addr.Referrers() {
		switch r := r.(type) {
		case *ssa.Store:
			if r.Val == addr {
				return false
			}
		case *ssa.UnOp, *ssa.DebugRef:
		case *ssa.FieldAddr:
			if !f.confined(r, root) {
				return false
			}
		case *ssa.IndexAddr:
			if _, ok := r.Index.(*ssa.Const); !ok || addr != root || !f.confined(r, root) {
				return false
			}
		case *ssa.Slice: // of an array: the list of arguments of a variadic call, or a literal
			if addr != root {
				return false
			}
		case *ssa.MakeClosure:
			if addr != root || !f.captured(r, root) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// captured tells whether a variable can still be followed when a function literal uses it.
func (f *flow) captured(m *ssa.MakeClosure, root ssa.Value) bool {
	fn := m.Fn.(*ssa.Function)
	for i, b := range m.Bindings {
		if b != root {
			continue
		}
		e, when := f.effect(fn, i), f.runs(m)
		switch {
		case !e.writes && !e.touches: // borrows: it may run when it likes
		case when == inPlace:
		case e.writes:
			return false
		case when == later, when == someTime && f.stores(root) < 2:
		default:
			return false
		}
	}
	return true
}

// effect returns what a function literal does with a variable.
func (f *flow) effect(fn *ssa.Function, i int) effect {
	if s := f.summary(fn); s != nil && i < len(s.outer) {
		return s.outer[i]
	}
	return effect{touches: true, writes: true}
}

// stores counts the assignments to a variable.
func (f *flow) stores(root ssa.Value) int {
	n := 0
	for _, r := range *root.Referrers() {
		if _, ok := r.(*ssa.Store); ok {
			n++
		}
	}
	return n
}

// writesTo tells whether the function, or a literal in it, assigns to a variable of the function around it, or lets its
// address go.
func (f *flow) writesTo(v ssa.Value) bool {
	for _, r := range *v.Referrers() {
		switch r := r.(type) {
		case *ssa.UnOp, *ssa.DebugRef:
		case *ssa.MakeClosure:
			for i, b := range r.Bindings {
				if b == v && f.effect(r.Fn.(*ssa.Function), i).writes {
					return true
				}
			}
		case *ssa.FieldAddr:
			if f.writesTo(r) {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// place returns the variable, or the part of one, that an address is of, if it can be followed.
func (f *flow) place(addr ssa.Value) (loc, bool) {
	switch a := addr.(type) {
	case *ssa.Alloc, *ssa.FreeVar:
		return loc{a, ""}, f.cells[a]
	case *ssa.FieldAddr:
		at, ok := f.place(a.X)
		return loc{at.v, step(at.path, a.Field)}, ok
	case *ssa.IndexAddr:
		i, isConst := a.Index.(*ssa.Const)
		base, isAlloc := a.X.(*ssa.Alloc)
		if isConst && isAlloc && f.cells[base] {
			return loc{base, step("", int(i.Int64()))}, true
		}
	}
	return loc{}, false
}
