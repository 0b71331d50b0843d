package bufvet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"

	"golang.org/x/tools/go/ssa"
)

// findNames finds the names that the source has for registers.
func (f *flow) findNames() {
	f.names = make(map[loc]string)
	note := func(v ssa.Value, name string) {
		at := loc{v, ""}
		if e, ok := v.(*ssa.Extract); ok {
			at = loc{e.Tuple, resultPath(e.Index)}
		}
		if name != "" && name != "_" && f.names[at] == "" {
			f.names[at] = name
		}
	}
	for _, b := range f.fn.Blocks {
		for _, instr := range b.Instrs {
			switch instr := instr.(type) {
			case *ssa.DebugRef:
				id, ok := instr.Expr.(*ast.Ident)
				if _, isVar := instr.Object().(*types.Var); ok && isVar && !instr.IsAddr {
					note(instr.X, id.Name)
				}
			case *ssa.Store:
				switch addr := instr.Addr.(type) {
				case *ssa.Alloc:
					note(instr.Val, variable(addr))
				case *ssa.FreeVar:
					note(instr.Val, addr.Name())
				case *ssa.FieldAddr:
					if name := f.expr(addr); name != "" {
						note(instr.Val, name)
					}
				}
			}
		}
	}
}

// variable returns the name of a variable, "" if it has none in the source.
func variable(a *ssa.Alloc) string {
	switch a.Comment {
	case "complit", "slicelit", "varargs", "new", "makeslice":
		return ""
	}
	if token.IsIdentifier(a.Comment) {
		return a.Comment
	}
	return ""
}

// name returns the name of a handle.
func (f *flow) name(id objID) string {
	o := f.obj(id)
	switch v := o.site.(type) {
	case *ssa.Parameter:
		return v.Name() + fieldPath(v.Type(), o.path)
	case *ssa.FreeVar:
		return v.Name() + fieldPath(v.Type().Underlying().(*types.Pointer).Elem(), o.path)
	}
	if name := f.names[loc{o.site, o.path}]; name != "" {
		return name
	}
	switch v := o.site.(type) {
	case *ssa.UnOp:
		if name := f.expr(v); name != "" && v.Op == token.MUL {
			return name
		}
	case *ssa.Call:
		return "the result of " + callee(&v.Call)
	}
	return "a buffer"
}

// fieldPath returns a path as the source would write it: ".body".
func fieldPath(t types.Type, path string) string {
	name := ""
	fields(t, "", 0, func(p string, ft types.Type) {
		if _, ok := within(path, p); ok {
			name += "." + fieldAt(t, p)
		}
	})
	return name
}

// fieldAt returns the name of the last field of a path.
func fieldAt(t types.Type, path string) string {
	s := t.Underlying().(*types.Struct)
	for i := range s.NumFields() {
		if rest, ok := within(path, step("", i)); ok {
			if rest == "" {
				return s.Field(i).Name()
			}
			return fieldAt(s.Field(i).Type(), rest)
		}
	}
	return ""
}

// expr returns the expression for an address or what is read from it, such as "d.rest", "" if it is not a simple one.
func (f *flow) expr(v ssa.Value) string {
	switch v := v.(type) {
	case *ssa.Parameter, *ssa.FreeVar, *ssa.Global:
		return v.Name()
	case *ssa.Alloc:
		return variable(v)
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return f.expr(v.X)
		}
	case *ssa.FieldAddr:
		if x := f.expr(v.X); x != "" {
			return x + "." + fieldName(v)
		}
	}
	return f.names[loc{v, ""}]
}

// story says where a handle came from.
func (f *flow) story(o *object) string {
	switch v := o.site.(type) {
	case *ssa.Parameter:
		return f.title() + " owns it as a parameter"
	case *ssa.Call:
		return "it was obtained from " + callee(&v.Call)
	case *ssa.UnOp:
		if v.Op == token.ARROW {
			return "it was received"
		}
		return "it was taken out"
	case *ssa.Select:
		return "it was received"
	case *ssa.FreeVar:
		return "this function took it over"
	}
	return "it was obtained"
}

// where says where a position is, for a message about another one: in which line, and of which file if that is another.
func (f *flow) where(pos token.Pos) string {
	p, here := f.c.pass.Fset.Position(pos), f.c.pass.Fset.Position(f.fn.Pos())
	switch {
	case !p.IsValid():
		return "before"
	case p.Filename != here.Filename:
		return fmt.Sprintf("in %s:%d", filepath.Base(p.Filename), p.Line)
	}
	return fmt.Sprintf("in line %d", p.Line)
}

// pos returns the position of an instruction, or the nearest that is known.
func (f *flow) pos(instr ssa.Instruction) token.Pos {
	if instr == nil {
		return token.NoPos
	}
	if p := instr.Pos(); p.IsValid() {
		return p
	}
	if d, ok := instr.(*ssa.Defer); ok && d.Call.Pos().IsValid() {
		return d.Call.Pos()
	}
	if _, ok := instr.(*ssa.Return); ok {
		return f.end()
	}
	before := token.NoPos
	for _, other := range instr.Block().Instrs {
		if other.Pos().IsValid() {
			before = other.Pos()
		}
		if other == instr && before.IsValid() {
			break
		}
	}
	if before.IsValid() {
		return before
	}
	return f.fn.Pos()
}
