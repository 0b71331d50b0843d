package bufvet

import (
	"golang.org/x/tools/go/ssa"
)

// step follows a path through an instruction. It returns false if the path ends there.
func (f *flow) step(s *state, instr ssa.Instruction) bool {
	switch instr := instr.(type) {
	case *ssa.DebugRef, *ssa.Phi, *ssa.FieldAddr:
	case *ssa.Alloc:
		f.zero(s, instr)
	case *ssa.Store:
		f.store(s, instr, instr.Addr, instr.Val)
	case *ssa.UnOp:
		f.unop(s, instr)
	case *ssa.Field:
		s.copy(loc{instr, ""}, loc{instr.X, step("", instr.Field)})
		f.strangers(s, instr)
	case *ssa.Extract:
		s.copy(loc{instr, ""}, loc{instr.Tuple, resultPath(instr.Index)})
		f.strangers(s, instr)
	case *ssa.MakeInterface:
		f.assign(s, instr, instr.X)
	case *ssa.ChangeInterface:
		f.assign(s, instr, instr.X)
	case *ssa.ChangeType:
		f.assign(s, instr, instr.X)
	case *ssa.Slice:
		f.slice(s, instr)
	case *ssa.TypeAssert:
		f.typeAssert(s, instr)
	case *ssa.Send:
		f.send(s, instr, instr.X)
	case *ssa.MapUpdate:
		f.share(s, instr, instr.Key, instr.Map)
		f.share(s, instr, instr.Value, instr.Map)
	case *ssa.Call:
		return f.call(s, instr, instr)
	case *ssa.Defer:
		f.pushDefer(s, instr)
	case *ssa.Go:
		f.start(s, instr)
	case *ssa.MakeClosure:
		f.made(s, instr)
	case *ssa.RunDefers:
		defers := s.defers
		s.defers = nil
		for i := len(defers) - 1; i >= 0; i-- {
			if !f.call(s, defers[i], nil) {
				return false
			}
		}
	default:
		f.uses(s, instr)
		if v, ok := instr.(ssa.Value); ok {
			f.strangers(s, v)
		}
	}
	return true
}

// send sends on a channel: whoever receives owns it.
func (f *flow) send(s *state, instr ssa.Instruction, v ssa.Value) {
	for _, x := range f.read(s, v) {
		switch x.kind {
		case vHandle:
			f.settle(s, instr, x.obj, passed)
		case vLoan, vLoans:
			f.use(s, instr, x, "sent")
			f.escape(instr, x, "is sent on a channel")
		}
	}
}

// uses checks the operands of an instruction that does nothing else with them.
func (f *flow) uses(s *state, instr ssa.Instruction) {
	switch instr := instr.(type) {
	case *ssa.BinOp:
		return
	case *ssa.IndexAddr:
		if f.eval(s, instr.X).kind == vLoans && onlyStored(instr) {
			return // the list is cleared
		}
	case *ssa.Select:
		for _, st := range instr.States {
			if st.Send != nil {
				f.use(s, instr, f.eval(s, st.Send), "sent")
			}
		}
		return
	}
	for _, op := range instr.Operands(nil) {
		if *op != nil {
			if x := f.eval(s, *op); x.kind >= vHandle {
				f.use(s, instr, x, "used")
			}
		}
	}
}

// pushDefer notes a deferred call.
func (f *flow) pushDefer(s *state, d *ssa.Defer) {
	for _, old := range s.defers {
		if old == d {
			return
		}
	}
	s.defers = append(s.defers, d)
}

// deferred tells whether a handle is an argument of a deferred call.
func (f *flow) deferred(s *state, id objID) bool {
	for _, d := range s.defers {
		for _, op := range d.Operands(nil) {
			if x := f.eval(s, *op); x.kind == vHandle && x.obj == id {
				return true
			}
		}
	}
	return false
}
