package bufvet

import (
	"go/token"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// assume adds to a state that a condition has an outcome. It returns false if that cannot be.
func (f *flow) assume(s *state, cond ssa.Value, truth bool, block int) bool {
	switch f.eval(s, cond).kind {
	case vTrue:
		return truth
	case vFalse:
		return !truth
	}
	switch c := cond.(type) {
	case *ssa.UnOp:
		if c.Op == token.NOT {
			return f.assume(s, c.X, !truth, block)
		}
	case *ssa.BinOp:
		if c.Op == token.EQL || c.Op == token.NEQ {
			equal := truth == (c.Op == token.EQL)
			if isNil(c.Y) {
				return f.assumeNil(s, c.X, equal, block)
			}
			if isNil(c.X) {
				return f.assumeNil(s, c.Y, equal, block)
			}
			if e, ok := c.X.(*ssa.Extract); ok {
				if sel, ok := e.Tuple.(*ssa.Select); ok && e.Index == 0 && equal {
					f.chosen(s, sel, c.Y)
				}
			}
			if equal && isError(c.X.Type()) { // to an error that is a value of its own
				return f.assumeNil(s, c.X, false, block)
			}
		}
	case *ssa.Call:
		if callee := c.Call.StaticCallee(); truth && callee != nil && len(c.Call.Args) > 0 && isError(c.Call.Args[0].Type()) {
			return f.assumeNil(s, c.Call.Args[0], false, block) // errors.Is and its like say yes
		}
	}
	if v := f.root(s, cond); v != nil {
		if e, ok := v.(*ssa.Extract); ok && !truth {
			f.resultsNil(s, e.Tuple)
		}
	}
	return f.learn(s, cond, truth, block)
}

func isNil(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.IsNil()
}

// root returns the register that a value was first in, on this path.
func (f *flow) root(s *state, v ssa.Value) ssa.Value {
	if x := f.eval(s, v); x.kind == vOpaque {
		return f.values[x.via]
	}
	return nil
}

// assumeNil adds that something is nil, or is not.
func (f *flow) assumeNil(s *state, v ssa.Value, isNil bool, block int) bool {
	x := f.eval(s, v)
	switch x.kind {
	case vNil:
		return isNil
	case vHandle:
		fate := s.objs[x.obj]
		if isNil {
			if fate.notNil {
				return false
			}
			f.obj(x.obj).settled = f.obj(x.obj).settled || fate.status != held
			s.replace(x.obj, val{kind: vNil})
			delete(s.objs, x.obj)
			return true
		}
		fate.notNil = true
		s.objs[x.obj] = fate
		return true
	case vOpaque:
		root := f.values[x.via]
		if neverNil(root) {
			return !isNil
		}
		key := "n" + strconv.Itoa(int(x.via))
		if known, ok := s.facts[key]; ok {
			return known.truth == isNil
		}
		s.facts[key] = fact{isNil, block}
		if e, ok := root.(*ssa.Extract); ok && isError(root.Type()) && !isNil {
			f.resultsNil(s, e.Tuple)
		}
	}
	return true
}

// resultsNil makes the handles nil that a call returned together with an error, or with false.
func (f *flow) resultsNil(s *state, tuple ssa.Value) {
	for id := range s.objs {
		if o := f.obj(id); id%2 == 0 && o.site == tuple && o.kind != outer {
			s.replace(id, val{kind: vNil})
			delete(s.objs, id)
		}
	}
}

// neverNil tells whether an error was just made, or is one of the variables that errors are compared with.
func neverNil(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.MakeInterface:
		return true
	case *ssa.UnOp:
		g, ok := v.X.(*ssa.Global)
		return ok && isError(v.Type()) && (strings.HasPrefix(strings.ToLower(g.Name()), "err") || g.Name() == "EOF")
	case *ssa.Call:
		if callee := v.Call.StaticCallee(); callee != nil && callee.Pkg != nil {
			switch callee.Pkg.Pkg.Path() + "." + callee.Name() {
			case "fmt.Errorf", "errors.New":
				return true
			}
		}
	}
	return false
}

// chosen says which case of a select statement was taken.
func (f *flow) chosen(s *state, sel *ssa.Select, index ssa.Value) {
	c, ok := index.(*ssa.Const)
	if !ok || c.Int64() < 0 || int(c.Int64()) >= len(sel.States) {
		return
	}
	recv := 2
	for i, st := range sel.States {
		if st.Send != nil {
			if i == int(c.Int64()) {
				f.send(s, sel, st.Send)
			}
			continue
		}
		if i == int(c.Int64()) {
			for _, r := range *sel.Referrers() {
				if e, ok := r.(*ssa.Extract); ok && e.Index == recv && isBuf(e.Type()) {
					f.arrive(s, sel, resultPath(recv), local)
				}
			}
		}
		recv++
	}
}
