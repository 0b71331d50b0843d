package bufvet

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// Functions in fields own what they are called with if those who call them do not release it afterwards: a sink for tests
// may have a field OnRead, which its Read calls with what it owns itself.

// isOwner is the fact about such a field.
type isOwner struct{}

// AFact marks the type for go/analysis.
func (*isOwner) AFact() {}

func (*isOwner) String() string { return "isOwner" }

// callback returns the field that a called function was in, nil if it was none.
func callback(instr ssa.Instruction) *types.Var {
	call, ok := instr.(*ssa.Call)
	if !ok || call.Call.IsInvoke() {
		return nil
	}
	load, ok := call.Call.Value.(*ssa.UnOp)
	if !ok {
		return nil
	}
	addr, ok := load.X.(*ssa.FieldAddr)
	if !ok {
		return nil
	}
	return fieldVar(addr)
}

func fieldVar(a *ssa.FieldAddr) *types.Var {
	s := a.X.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Struct)
	return s.Field(a.Field).Origin()
}

// leftTo notes that a path has left a handle, which it owed, to a function in a field.
func (f *flow) leftTo(id objID, fate fate) {
	o := f.obj(id)
	if fate.status != untold || o.kind != local && (o.kind != param || !f.public(o.param)) {
		return
	}
	if v := callback(fate.by); v != nil {
		f.c.owners[v] = true
	}
}

// tookBack notes that a path goes on with a handle that a function in a field was called with.
func (f *flow) tookBack(fate fate) {
	if v := callback(fate.by); v != nil && fate.status == untold {
		f.c.borrowers[v] = true
	}
}

// ownsField tells whether the function in a field owns what it is called with.
func (c *checker) ownsField(v *types.Var) bool {
	if v.Pkg() != c.pass.Pkg {
		return v.Pkg() != nil && c.pass.ImportObjectFact(v, new(isOwner))
	}
	return c.owners[v] && !c.borrowers[v]
}

// findCallbacks finds the functions that are put into such fields, and tells whether there are any that were not known.
func (c *checker) findCallbacks() bool {
	before := len(c.handlers)
	for _, fn := range c.funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				st, ok := instr.(*ssa.Store)
				if !ok {
					continue
				}
				if addr, ok := st.Addr.(*ssa.FieldAddr); ok && c.ownsField(fieldVar(addr)) {
					if h := c.function(st.Val); h != nil {
						c.handlers[h] = true
					}
				}
			}
		}
	}
	return len(c.handlers) > before
}
