package bufvet

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// prepare looks at the function once before the paths are followed.
func (f *flow) prepare() {
	f.live = liveness(f.fn)
	f.loops = loops(f.fn)
	f.findNames()
	f.findCells()
	f.seen = make([]map[string]bool, len(f.fn.Blocks))
	for _, b := range f.fn.Blocks {
		f.seen[b.Index] = make(map[string]bool)
		for _, instr := range b.Instrs {
			switch instr := instr.(type) {
			case *ssa.If:
				key, _ := f.key(instr.Cond)
				f.tests[key]++
			case *ssa.Call:
				if callee := instr.Call.StaticCallee(); callee != nil && callee.Name() == "Rollback" {
					f.rollback = true
				}
			}
		}
	}
	f.writes = make([]bool, len(f.fn.FreeVars))
	for i, v := range f.fn.FreeVars {
		f.writes[i] = f.writesTo(v)
	}
}

// begin is the state in which the function begins.
func (f *flow) begin() *state {
	s := newState()
	for i, p := range f.fn.Params {
		switch {
		case isTypeParam(p.Type()):
			f.obj(f.arrive(s, p, "", param)).param = i
		case isReader(p.Type()):
			f.arrive(s, p, "", reader)
		case f.lendsEach(p) != nil:
			s.set(loc{p, ""}, val{kind: vLoan, obj: noObj, via: f.number(f.lendsEach(p))})
		default:
			for _, path := range carried(p.Type()) {
				f.obj(f.arrive(s, p, path, param)).param = i
			}
		}
	}
	for i, v := range f.fn.FreeVars {
		p, ok := v.Type().Underlying().(*types.Pointer)
		if !ok || !f.cells[v] {
			continue
		}
		if isTypeParam(p.Elem()) {
			f.obj(f.arrive(s, v, "", outer)).param = i
			continue
		}
		for _, path := range carried(p.Elem()) {
			f.obj(f.arrive(s, v, path, outer)).param = i
		}
	}
	return s
}
