package bufvet

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

func (f *flow) unop(s *state, instr *ssa.UnOp) {
	switch instr.Op {
	case token.MUL:
		s.clear(loc{instr, ""})
		if at, ok := f.place(instr.X); ok {
			s.copy(loc{instr, ""}, at)
		}
		f.strangers(s, instr)
		f.sibling(s, instr)
	case token.ARROW:
		s.clear(loc{instr, ""})
		prefix, t := "", instr.Type()
		if tuple, ok := t.(*types.Tuple); ok {
			prefix, t = resultPath(0), tuple.At(0).Type()
		}
		for _, path := range carried(t) {
			kind := strange // a struct may come without its handle
			if path == "" {
				kind = local
			}
			f.arrive(s, instr, prefix+path, kind)
		}
	case token.NOT:
		switch f.eval(s, instr.X).kind {
		case vTrue:
			s.set(loc{instr, ""}, val{kind: vFalse})
		case vFalse:
			s.set(loc{instr, ""}, val{kind: vTrue})
		default:
			s.clear(loc{instr, ""})
		}
	}
}

// store is an assignment through an address.
func (f *flow) store(s *state, instr ssa.Instruction, addr, v ssa.Value) {
	f.stale(s, addr)
	f.movedOut(s, addr, v)
	at, ok := f.place(addr)
	if !ok {
		f.share(s, instr, v, addr)
		return
	}
	parts := f.read(s, v)
	s.clear(at)
	for path, x := range parts {
		s.env[loc{at.v, at.path + path}] = x
	}
}

// share puts what a register holds where others see it.
func (f *flow) share(s *state, instr ssa.Instruction, v, addr ssa.Value) {
	for _, x := range f.read(s, v) {
		switch x.kind {
		case vHandle:
			f.use(s, instr, x, "stored")
			if s.objs[x.obj].status == held {
				s.fate(x.obj, stored, instr)
			}
			f.obj(x.obj).settled, f.obj(x.obj).kept = true, true
			f.siblings(s, x.obj)
		case vLoan, vLoans:
			f.use(s, instr, x, "stored")
			f.keeps(instr, x, addr)
		}
	}
}

// slice is an expression v[i:j]. It is also how an array of arguments becomes the list of a variadic call.
func (f *flow) slice(s *state, instr *ssa.Slice) {
	array, ok := instr.X.(*ssa.Alloc)
	if !ok {
		f.assign(s, instr, instr.X)
		return
	}
	s.clear(loc{instr, ""})
	argument := onlyArgument(instr)
	for _, x := range s.parts(loc{array, ""}) {
		switch {
		case x.kind == vLoan:
			s.env[loc{instr, ""}] = val{kind: vLoans, obj: x.obj, via: x.via}
		case x.kind == vHandle && !argument && s.objs[x.obj].status == held:
			s.fate(x.obj, stored, instr)
			f.obj(x.obj).settled = true
		}
	}
	if argument && s.env[loc{instr, ""}].kind != vLoans {
		s.copy(loc{instr, ""}, loc{array, ""})
	}
}

// onlyArgument tells whether a list is made for one call.
func onlyArgument(v *ssa.Slice) bool {
	n := 0
	for _, r := range *v.Referrers() {
		switch r.(type) {
		case *ssa.DebugRef:
		case *ssa.Call, *ssa.Defer, *ssa.Go:
			n++
		default:
			return false
		}
	}
	return n == 1
}

// onlyStored tells whether an address is for assignments only.
func onlyStored(a *ssa.IndexAddr) bool {
	return !slices.ContainsFunc(*a.Referrers(), func(r ssa.Instruction) bool {
		_, ok := r.(*ssa.Store)
		return !ok
	})
}
