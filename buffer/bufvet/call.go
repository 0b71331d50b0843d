package bufvet

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// call follows a path through a call: what it does with its arguments, and what it returns. result is nil if nobody gets that.
func (f *flow) call(s *state, instr ssa.CallInstruction, result *ssa.Call) bool {
	common := instr.Common()
	if b, ok := common.Value.(*ssa.Builtin); ok {
		f.builtin(s, instr, b.Name(), result)
		return true
	}
	m := f.modesOf(common)
	args := arguments(common)
	reuses := lenders[apiCall(common)].list
	before := make([]val, len(args)) // a result may be one of them
	for i, a := range args {
		before[i] = f.eval(s, a)
	}
	for i, a := range args {
		if reuses && before[i].kind == vLoans {
			continue // the list is filled anew
		}
		f.give(s, instr, a, m.param(i), i == 0 && (common.IsInvoke() || common.Signature().Recv() != nil))
	}
	f.closures(s, instr)
	if apiCall(common) == "Reader.Close" && before[0].kind == vHandle {
		s.fate(before[0].obj, released, instr)
	}
	if f.neverReturns(common) {
		return false
	}
	s.failed = s.failed || fails(common)
	if result != nil {
		s.clear(loc{result, ""})
		f.receive(s, result, m, before)
	}
	return true
}

// fails tells whether a call is one of t.Error and its like.
func fails(c *ssa.CallCommon) bool {
	m := c.Method
	if callee := c.StaticCallee(); callee != nil {
		m, _ = callee.Object().(*types.Func)
	}
	if m == nil || m.Pkg() == nil || m.Pkg().Path() != "testing" {
		return false
	}
	return m.Name() == "Error" || m.Name() == "Errorf" || m.Name() == "Fail"
}

// arguments returns the arguments, the receiver being number 0 if there is one.
func arguments(c *ssa.CallCommon) []ssa.Value {
	if c.IsInvoke() {
		return append([]ssa.Value{c.Value}, c.Args...)
	}
	return c.Args
}

// receive lets the results of a call arrive.
func (f *flow) receive(s *state, call *ssa.Call, m *modes, before []val) {
	results := call.Call.Signature().Results()
	for i := range results.Len() {
		path := ""
		if results.Len() > 1 {
			path = resultPath(i)
		}
		t, r := results.At(i).Type(), m.result(i)
		switch {
		case isReader(t):
			f.arrive(s, call, path, reader)
		case r.Origin == sameAs && r.Param < len(before) && before[r.Param].kind >= vHandle:
			s.set(loc{call, path}, before[r.Param])
		case r.Origin == loanFrom:
			lender := noObj
			if r.Param < len(before) && before[r.Param].kind >= vHandle {
				lender = before[r.Param].obj
			}
			kind := vLoan
			if !isBytes(t) {
				kind = vLoans
			}
			s.set(loc{call, path}, val{kind: kind, obj: lender, via: f.number(call)})
		case isBuf(t) && r.Origin == fresh:
			f.arrive(s, call, path, local)
		case isBuf(t) && r.Origin == taken:
			kind := fromRead
			if f.ownReader(before) && !f.rollback {
				kind = fromOwn
			}
			f.arrive(s, call, path, kind)
		default:
			for _, p := range carried(t) {
				f.arrive(s, call, path+p, strange)
			}
		}
	}
}

// ownReader tells whether the first argument is a reader that this function has made for itself, without a driver.
func (f *flow) ownReader(args []val) bool {
	if len(args) == 0 || args[0].kind != vHandle || f.obj(args[0].obj).kind != reader {
		return false
	}
	c, ok := f.obj(args[0].obj).site.(*ssa.Call)
	return ok && apiCall(&c.Call) == "NewReader"
}
