package bufvet

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// findHandlers finds the functions that are handed to functions of other packages that know buffers: those own what they
// are called with, as a handler for pipeline.Serve does.
func (c *checker) findHandlers() {
	c.handlers = make(map[*ssa.Function]bool)
	for _, fn := range c.funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				call, ok := instr.(*ssa.Call)
				if !ok {
					continue
				}
				callee := call.Call.StaticCallee()
				if callee == nil {
					continue
				}
				obj, ok := callee.Object().(*types.Func)
				if !ok || obj.Pkg() == c.pass.Pkg || isBufferPackage(obj.Pkg()) || !c.knows(obj.Pkg()) {
					continue
				}
				for _, arg := range call.Call.Args {
					if h := c.function(arg); h != nil {
						c.handlers[h] = true
					}
				}
			}
		}
	}
}

// function returns the function that a value is, nil if that is not to be seen.
func (c *checker) function(v ssa.Value) *ssa.Function {
	switch v := v.(type) {
	case *ssa.Function:
		if o := v.Origin(); o != nil {
			return o
		}
		return v
	case *ssa.ChangeType:
		return c.function(v.X)
	case *ssa.UnOp:
		return c.function(onlyValue(v.X))
	case *ssa.MakeClosure:
		fn := v.Fn.(*ssa.Function)
		if obj, ok := fn.Object().(*types.Func); ok && fn.Synthetic != "" { // a method value
			if m := fn.Prog.FuncValue(obj.Origin()); m != nil {
				return m
			}
		}
		return fn
	}
	return nil
}

// onlyValue returns what a variable holds that is assigned to once, nil if it is another one.
func onlyValue(addr ssa.Value) ssa.Value {
	switch a := addr.(type) {
	case *ssa.Alloc:
		var only ssa.Value
		for _, r := range *a.Referrers() {
			switch r := r.(type) {
			case *ssa.Store:
				if r.Addr != a || only != nil {
					return nil
				}
				only = r.Val
			case *ssa.UnOp, *ssa.DebugRef, *ssa.MakeClosure:
			default:
				return nil
			}
		}
		return only
	case *ssa.FreeVar:
		if b := binding(a); b != nil {
			return onlyValue(b)
		}
	}
	return nil
}

// binding returns the variable of the surrounding function that a function literal knows as v.
func binding(v *ssa.FreeVar) ssa.Value {
	fn := v.Parent()
	if fn.Parent() == nil {
		return nil
	}
	for _, b := range fn.Parent().Blocks {
		for _, instr := range b.Instrs {
			m, ok := instr.(*ssa.MakeClosure)
			if !ok || m.Fn != fn {
				continue
			}
			for i, free := range fn.FreeVars {
				if free == v {
					return m.Bindings[i]
				}
			}
		}
	}
	return nil
}
