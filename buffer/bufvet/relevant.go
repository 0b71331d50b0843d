package bufvet

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// relevant tells whether the function has anything to do with buffers.
func (f *flow) relevant() bool {
	for _, p := range f.fn.Params {
		if owned(p.Type()) || isReader(p.Type()) || f.lendsEach(p) != nil {
			return true
		}
	}
	for _, v := range f.fn.FreeVars {
		if p, ok := v.Type().Underlying().(*types.Pointer); ok && (owned(p.Elem()) || isReader(p.Elem())) {
			return true
		}
	}
	for _, b := range f.fn.Blocks {
		for _, instr := range b.Instrs {
			if v, ok := instr.(ssa.Value); ok {
				if c, ok := v.(*ssa.Call); ok {
					if callee := c.Call.StaticCallee(); callee != nil {
						if obj, ok := callee.Object().(*types.Func); ok && apiName(obj) != "" {
							return true
						}
					}
				}
				if carriesHandles(v.Type()) {
					return true
				}
			}
		}
	}
	return false
}

// carriesHandles is for values and for tuples of results.
func carriesHandles(t types.Type) bool {
	if tuple, ok := t.(*types.Tuple); ok {
		for i := range tuple.Len() {
			if len(carried(tuple.At(i).Type())) > 0 {
				return true
			}
		}
		return false
	}
	return t != nil && (isReader(t) || len(carried(t)) > 0)
}

// returns tells whether the function may return at all.
func (f *flow) returns() bool {
	seen := make(map[*ssa.BasicBlock]bool)
	var visit func(b *ssa.BasicBlock) bool
	visit = func(b *ssa.BasicBlock) bool {
		if seen[b] {
			return false
		}
		seen[b] = true
		for _, instr := range b.Instrs {
			switch instr := instr.(type) {
			case *ssa.Call:
				if f.neverReturns(&instr.Call) {
					return false
				}
			case *ssa.Return:
				return true
			}
		}
		for _, next := range b.Succs {
			if visit(next) {
				return true
			}
		}
		return false
	}
	return visit(f.fn.Blocks[0])
}
