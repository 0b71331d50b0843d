package bufvet

import (
	"golang.org/x/tools/go/ssa"
)

// closures does what the function literals do that a call is of, or is given.
func (f *flow) closures(s *state, instr ssa.CallInstruction) {
	common := instr.Common()
	for _, v := range append([]ssa.Value{common.Value}, common.Args...) {
		if m, ok := v.(*ssa.MakeClosure); ok {
			f.closure(s, instr, m, f.runsIn(common, m))
		}
	}
}

// made does what a function literal may do that is not used in calls only, but stored, returned or converted.
func (f *flow) made(s *state, m *ssa.MakeClosure) {
	for _, r := range *m.Referrers() {
		switch r.(type) {
		case *ssa.DebugRef, *ssa.Call, *ssa.Defer, *ssa.Go:
		default:
			f.closure(s, m, m, someTime)
			return
		}
	}
}

// closure does what a function literal does with the variables that it uses.
func (f *flow) closure(s *state, instr ssa.Instruction, m *ssa.MakeClosure, when timing) {
	fn := m.Fn.(*ssa.Function)
	for i, b := range m.Bindings {
		at, ok := f.place(b)
		if !ok {
			for _, x := range f.read(s, b) { // a method value: the receiver itself is bound
				if x.kind == vHandle {
					f.giveHandle(s, instr, x, unknown, false)
				}
			}
			continue
		}
		e := f.effect(fn, i)
		for _, x := range s.parts(at) {
			f.bound(s, instr, x, e, when)
		}
		if e.writes {
			f.overwritten(s, m, at)
		}
	}
}

// bound does what a function literal does with what is in a variable.
func (f *flow) bound(s *state, instr ssa.Instruction, x val, e effect, when timing) {
	switch x.kind {
	case vLoan, vLoans:
		if when == later {
			f.escape(instr, x, "is used by a function that runs later")
		} else {
			f.use(s, instr, x, "used")
		}
	case vHandle:
		switch {
		case f.obj(x.obj).kind == reader:
		case e.settles && when == inPlace && e.release:
			f.settle(s, instr, x.obj, released)
		case e.settles && (when == inPlace || when == later):
			f.settle(s, instr, x.obj, passed)
		case e.touches: // on some path, which need not be one that comes after what has happened here
			f.loseSight(s, instr, x.obj, untold)
		}
	}
}

// overwritten makes what is in a variable unknown, as a function literal has assigned to it.
func (f *flow) overwritten(s *state, m *ssa.MakeClosure, at loc) {
	var paths []string
	for l := range s.env {
		if l.v == at.v {
			if _, ok := within(l.path, at.path); ok {
				paths = append(paths, l.path)
			}
		}
	}
	for _, path := range paths {
		l := loc{at.v, path}
		if x := s.env[l]; x.kind == vHandle {
			f.loseSight(s, m, x.obj, untold)
		}
		s.env[l] = val{kind: vOpaque, obj: noObj, via: f.number(m)}
	}
}

// start is a go statement.
func (f *flow) start(s *state, instr *ssa.Go) {
	m := f.modesOf(&instr.Call)
	for i, a := range arguments(&instr.Call) {
		for _, x := range f.read(s, a) {
			switch x.kind {
			case vHandle:
				as := m.param(i)
				if as != consume && as != release {
					as = unknown // two goroutines have it now
				}
				f.giveHandle(s, instr, x, as, false)
			case vLoan, vLoans:
				f.use(s, instr, x, "used")
				f.escape(instr, x, "is given to a goroutine")
			}
		}
	}
	if m, ok := instr.Call.Value.(*ssa.MakeClosure); ok {
		f.closure(s, instr, m, later)
	}
}
