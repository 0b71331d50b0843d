package bufvet

import (
	"fmt"
	"go/token"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// learn notes the outcome of a condition that may be tested again, in the same words: of two tests of one field the second
// is taken to come out like the first. That may be wrong, but then so is the code more often than not, and it keeps apart
// paths that do not exist.
func (f *flow) learn(s *state, cond ssa.Value, truth bool, block int) bool {
	key, negated := f.key(cond)
	truth = truth != negated
	if known, ok := s.facts[key]; ok {
		return known.truth == truth
	}
	if of, is, ok := equality(cond); ok && truth {
		of := "x" + strconv.Itoa(int(f.number(of))) + "="
		for k := range s.facts {
			if value, found := strings.CutPrefix(k, of); found && value != is {
				return false // it cannot be two things
			}
		}
		s.facts[of+is] = fact{true, block}
	}
	if f.tests[key] > 1 {
		s.facts[key] = fact{truth, block}
	}
	return true
}

// equality tells whether a condition compares something with a constant.
func equality(cond ssa.Value) (of ssa.Value, is string, ok bool) {
	c, ok := cond.(*ssa.BinOp)
	if !ok || c.Op != token.EQL && c.Op != token.NEQ {
		return nil, "", false
	}
	value, ok := c.Y.(*ssa.Const)
	if !ok {
		return nil, "", false
	}
	return c.X, value.String(), true
}

// key returns a text that is equal for conditions that say the same, and whether they say the opposite.
func (f *flow) key(v ssa.Value) (key string, negated bool) {
	switch c := v.(type) {
	case *ssa.UnOp:
		if c.Op == token.NOT {
			key, negated = f.key(c.X)
			return key, !negated
		}
	case *ssa.BinOp:
		x, y := f.term(c.X, 0), f.term(c.Y, 0)
		switch c.Op {
		case token.EQL:
			return "==(" + x + "," + y + ")", false
		case token.NEQ:
			return "==(" + x + "," + y + ")", true
		case token.LSS:
			return "<(" + x + "," + y + ")", false
		case token.GEQ:
			return "<(" + x + "," + y + ")", true
		case token.GTR:
			return "<(" + y + "," + x + ")", false
		case token.LEQ:
			return "<(" + y + "," + x + ")", true
		}
	}
	return f.term(v, 0), false
}

// term is the text of a value.
func (f *flow) term(v ssa.Value, depth int) string {
	if k, ok := f.keys[v]; ok {
		return k
	}
	k := fmt.Sprintf("#%d", f.number(v))
	if depth < 8 {
		switch v := v.(type) {
		case *ssa.Const:
			k = "=" + v.String()
		case *ssa.Global:
			k = "@" + v.Name()
		case *ssa.UnOp:
			if v.Op != token.ARROW && !f.isCell(v.X) { // a variable that a function literal may change at any time
				k = v.Op.String() + f.term(v.X, depth+1)
			}
		case *ssa.FieldAddr:
			k = fmt.Sprintf("%s.%d", f.term(v.X, depth+1), v.Field)
		case *ssa.Field:
			k = fmt.Sprintf("%s.%d", f.term(v.X, depth+1), v.Field)
		case *ssa.BinOp:
			k = "(" + f.term(v.X, depth+1) + v.Op.String() + f.term(v.Y, depth+1) + ")"
		case *ssa.Call:
			k = f.callTerm(v, depth, k)
		}
	}
	f.keys[v] = k
	return k
}

// callTerm is the text of a call with one result.
func (f *flow) callTerm(c *ssa.Call, depth int, opaque string) string {
	name := ""
	switch callee := c.Call.Value.(type) {
	case *ssa.Builtin:
		name = callee.Name()
	case *ssa.Function:
		name = callee.String()
	default:
		if !c.Call.IsInvoke() {
			return opaque
		}
		name = f.term(c.Call.Value, depth+1) + "." + c.Call.Method.Name()
	}
	for _, a := range c.Call.Args {
		name += "," + f.term(a, depth+1)
	}
	return name + "()"
}
