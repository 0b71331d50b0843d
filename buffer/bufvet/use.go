package bufvet

import (
	"fmt"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// settle releases a handle, or passes it on.
func (f *flow) settle(s *state, instr ssa.Instruction, id objID, how status) {
	o, fate := f.obj(id), s.objs[id]
	o.settled = true
	f.siblings(s, id)
	f.tookBack(fate)
	switch {
	case fate.status == released && how == released:
		f.find(instr, "double", f.name(id), f.by(fate), "%s is released a second time: it was released %s", f.name(id), f.at(fate))
	case fate.status == passed && how == released:
		f.find(instr, "double", f.name(id), f.by(fate), "%s is released although it was passed on %s", f.name(id), f.at(fate))
	case fate.status >= passed:
		f.find(instr, "use", f.name(id), f.by(fate), "%s is passed on although it was %s %s", f.name(id), verb(fate.status), f.at(fate))
	case o.kind == param && f.lentParam(o):
		f.find(instr, "borrow", f.name(id), nil, "%s is %s, but it was only borrowed: %s", f.name(id), verb(how), f.lentBecause(o))
	default:
		s.fate(id, how, instr)
	}
}

func verb(st status) string {
	if st == released {
		return "released"
	}
	return "passed on"
}

// use checks a use of a handle, or of borrowed bytes.
func (f *flow) use(s *state, instr ssa.Instruction, x val, verbed string) {
	if x.obj == noObj || x.kind < vHandle {
		return
	}
	fate, ok := s.objs[x.obj]
	f.tookBack(fate)
	if !ok || fate.status < passed {
		return
	}
	if x.kind == vHandle {
		if f.obj(x.obj).kind != reader {
			f.find(instr, "use", f.name(x.obj), f.by(fate), "%s is %s after it was %s %s", f.name(x.obj), verbed, verb(fate.status), f.at(fate))
		}
		return
	}
	what := fmt.Sprintf("what %s has lent of %s", f.lender(x), f.name(x.obj))
	if f.obj(x.obj).kind == reader {
		f.find(instr, "loan", what, f.by(fate), "%s is %s after %s was closed %s", what, verbed, f.name(x.obj), f.at(fate))
		return
	}
	f.find(instr, "loan", what, f.by(fate), "%s is %s after %s was %s %s", what, verbed, f.name(x.obj), verb(fate.status), f.at(fate))
}

// lender returns the name of the method that has lent bytes.
func (f *flow) lender(x val) string {
	if c, ok := f.values[x.via].(*ssa.Call); ok {
		return callee(&c.Call)
	}
	return "a method"
}

// callee returns the name of a called function.
func callee(c *ssa.CallCommon) string {
	if c.IsInvoke() {
		return c.Method.Name()
	}
	if fn := c.StaticCallee(); fn != nil {
		if fn.Parent() != nil {
			return "a function literal"
		}
		name, _, _ := strings.Cut(fn.Name(), "[")
		return strings.TrimSuffix(strings.TrimSuffix(name, "$bound"), "$thunk")
	}
	return "a function"
}

// by is the note about what became of a handle before.
func (f *flow) by(fa fate) []note {
	if fa.by == nil {
		return nil
	}
	text := verb(fa.status) + " here"
	if _, ok := fa.by.(ssa.CallInstruction); ok && fa.status == passed {
		text += " (the comment of a function that only borrows has to say so: " + prefix + "borrow and the parameter)"
	}
	return []note{{f.pos(fa.by), text}}
}

// at says where, and to whom, a handle went.
func (f *flow) at(fa fate) string {
	to := ""
	switch instr := fa.by.(type) {
	case ssa.CallInstruction:
		if fa.status == passed {
			to = "to " + callee(instr.Common()) + " "
		}
	case *ssa.Send, *ssa.Select:
		to = "to a channel "
	}
	return to + f.where(f.pos(fa.by))
}
