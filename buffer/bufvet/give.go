package bufvet

import (
	"golang.org/x/tools/go/ssa"
)

// give hands an argument to a function.
func (f *flow) give(s *state, instr ssa.Instruction, arg ssa.Value, m mode, receiver bool) {
	for _, x := range f.read(s, arg) {
		switch x.kind {
		case vHandle:
			f.giveHandle(s, instr, x, m, receiver)
		case vLoan, vLoans:
			f.use(s, instr, x, "used")
		}
	}
}

func (f *flow) giveHandle(s *state, instr ssa.Instruction, x val, m mode, receiver bool) {
	if f.obj(x.obj).kind == reader {
		return
	}
	switch m {
	case consume:
		f.settle(s, instr, x.obj, passed)
	case release:
		f.settle(s, instr, x.obj, released)
	case borrow, same:
		f.use(s, instr, x, "used")
		if receiver {
			fate := s.objs[x.obj]
			fate.notNil = true
			s.objs[x.obj] = fate
		}
	default:
		f.use(s, instr, x, "used")
		to := untold
		if m == keep {
			to = stored
		}
		f.loseSight(s, instr, x.obj, to)
	}
}

// loseSight gives a handle up: others may have it now, or not.
func (f *flow) loseSight(s *state, instr ssa.Instruction, id objID, to status) {
	if s.objs[id].status == held {
		s.fate(id, to, instr)
	}
	f.obj(id).settled = true
	f.siblings(s, id)
}

// builtin follows a path through a call of a function of the language.
func (f *flow) builtin(s *state, instr ssa.CallInstruction, name string, result *ssa.Call) {
	args := instr.Common().Args
	switch name {
	case "len", "cap", "ssa:wrapnilchk", "ssa:deferstack", "recover", "print", "println", "new", "make":
		return
	case "append":
		for _, a := range args {
			for _, x := range f.read(s, a) {
				switch x.kind {
				case vHandle:
					f.giveHandle(s, instr, x, keep, false)
				case vLoan:
					f.use(s, instr, x, "used") // its bytes are copied
				}
			}
		}
		if result == nil {
			return
		}
		s.clear(loc{result, ""})
		for _, a := range args {
			if x := f.eval(s, a); x.kind == vLoans {
				s.set(loc{result, ""}, x)
			}
		}
		if x := f.eval(s, args[0]); x.kind == vLoan { // into what was borrowed
			s.set(loc{result, ""}, x)
		}
	default:
		for _, a := range args {
			if x := f.eval(s, a); x.kind == vLoan {
				f.use(s, instr, x, "used")
			}
		}
	}
}
