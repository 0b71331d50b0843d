package bufvet

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// eval returns what a register holds.
func (f *flow) eval(s *state, v ssa.Value) val {
	if c, ok := v.(*ssa.Const); ok {
		switch {
		case c.IsNil():
			return val{kind: vNil}
		case c.Value != nil && isBool(c.Type()):
			if c.Value.ExactString() == "true" {
				return val{kind: vTrue}
			}
			return val{kind: vFalse}
		}
	}
	if x, ok := s.env[loc{v, ""}]; ok && !f.isCell(v) {
		return x
	}
	return val{kind: vOpaque, obj: noObj, via: f.number(v)}
}

// read returns what a register and its parts hold.
func (f *flow) read(s *state, v ssa.Value) map[string]val {
	parts := make(map[string]val)
	if !f.isCell(v) {
		for at, x := range s.env {
			if at.v == v {
				parts[at.path] = x
			}
		}
	}
	if len(parts) == 0 {
		parts[""] = f.eval(s, v)
	}
	return parts
}

// assign makes a register hold what another one does.
func (f *flow) assign(s *state, to, from ssa.Value) {
	parts := f.read(s, from)
	s.clear(loc{to, ""})
	for path, v := range parts {
		if v.kind != vOpaque || f.followed(to.Type()) {
			s.env[loc{to, path}] = v
		}
	}
}

// resultPath is the path of a result in a tuple.
func resultPath(i int) string { return step("", i) }

// zero gives a new variable its zero value.
func (f *flow) zero(s *state, a *ssa.Alloc) {
	s.clear(loc{a, ""})
	if !f.cells[a] {
		return
	}
	t := a.Type().Underlying().(*types.Pointer).Elem()
	switch {
	case isBool(t):
		s.env[loc{a, ""}] = val{kind: vFalse}
	case isBuf(t), isError(t), isBytes(t), types.IsInterface(t) && !isTypeParam(t):
		s.env[loc{a, ""}] = val{kind: vNil}
	default:
		for _, path := range carried(t) {
			s.env[loc{a, path}] = val{kind: vNil}
		}
	}
}

// strangers lets handles of unknown origin arrive in a register, unless it holds one that is known.
func (f *flow) strangers(s *state, v ssa.Value) {
	if _, ok := v.Type().(*types.Tuple); ok {
		return
	}
	for _, path := range carried(v.Type()) {
		if at := (loc{v, path}); s.env[at].kind == vOpaque {
			f.arrive(s, v, path, strange)
		}
	}
}

func (f *flow) typeAssert(s *state, instr *ssa.TypeAssert) {
	s.clear(loc{instr, ""})
	to := loc{instr, ""}
	if instr.CommaOk {
		to.path = resultPath(0)
	}
	if x := f.eval(s, instr.X); x.kind == vHandle {
		s.env[to] = x
		return
	}
	for _, path := range carried(instr.AssertedType) {
		f.arrive(s, instr, to.path+path, strange)
	}
}
