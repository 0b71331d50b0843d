package bufvet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// prefix begins every directive. Like all directives of Go it has no space behind the slashes.
const prefix = "//bufvet:"

// directives are what the comments of a package say.
type directives struct {
	funcs   map[*types.Func]*said
	ignores []*ignore
	faults  []fault
}

// said is what the directives above a function or a method of an interface say.
type said struct {
	borrowed map[string]bool // names of parameters
	lends    bool
}

// An ignore is some lines for which somebody knows better: that of the comment and the next, those of a function in whose
// comment it is, or, in front of the package clause, those of the file.
type ignore struct {
	file     string
	from, to int
	pos      token.Pos
	used     bool
}

// A fault is a directive that makes no sense.
type fault struct {
	pos token.Pos
	why string
}

func readDirectives(pass *analysis.Pass) *directives {
	d := &directives{funcs: make(map[*types.Func]*said)}
	for _, file := range pass.Files {
		d.read(pass, file)
	}
	return d
}

func (d *directives) read(pass *analysis.Pass, file *ast.File) {
	placed := make(map[*ast.Comment]bool)
	attach := func(doc *ast.CommentGroup, name *ast.Ident, t *ast.FuncType) {
		f, ok := pass.TypesInfo.Defs[name].(*types.Func)
		if doc == nil || !ok {
			return
		}
		for _, c := range doc.List {
			if verb, rest, ok := parseDirective(c.Text); ok && verb != "ignore" {
				placed[c] = true
				d.say(f, c.Pos(), verb, rest, t)
			}
		}
	}
	ends := make(map[*ast.CommentGroup]token.Pos) // of the functions that comments belong to
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			attach(n.Doc, n.Name, n.Type)
			ends[n.Doc] = n.End()
			return false // interfaces that a function declares have no documentation
		case *ast.InterfaceType:
			for _, m := range n.Methods.List {
				if t, ok := m.Type.(*ast.FuncType); ok && len(m.Names) == 1 {
					attach(m.Doc, m.Names[0], t)
				}
			}
		}
		return true
	})
	for _, group := range file.Comments {
		for _, c := range group.List {
			verb, rest, ok := parseDirective(c.Text)
			switch {
			case !ok || placed[c]:
			case verb != "ignore":
				d.fault(c.Pos(), "a %s%s directive belongs into the comment of a function, or of a method of an interface", prefix, verb)
			case rest == "":
				d.fault(c.Pos(), "a %signore directive needs a reason", prefix)
			default:
				p := pass.Fset.Position(c.Pos())
				to := p.Line + 1
				if end, ok := ends[group]; ok {
					to = pass.Fset.Position(end).Line
				} else if c.Pos() < file.Package {
					to = pass.Fset.File(file.Package).LineCount()
				}
				d.ignores = append(d.ignores, &ignore{file: p.Filename, from: p.Line, to: to, pos: c.Pos()})
			}
		}
	}
}

// parseDirective splits a comment such as "//bufvet:borrow dst" in its verb and the rest.
func parseDirective(text string) (verb, rest string, ok bool) {
	text, ok = strings.CutPrefix(text, prefix)
	if !ok {
		return "", "", false
	}
	verb, rest, _ = strings.Cut(text, " ")
	return verb, strings.TrimSpace(rest), true
}

// say notes a directive above a function.
func (d *directives) say(f *types.Func, pos token.Pos, verb, rest string, t *ast.FuncType) {
	s := d.funcs[f]
	if s == nil {
		s = &said{borrowed: make(map[string]bool)}
		d.funcs[f] = s
	}
	switch verb {
	case "borrow":
		names := strings.FieldsFunc(rest, func(r rune) bool { return r == ' ' || r == ',' })
		if len(names) == 0 {
			d.fault(pos, "a %sborrow directive names the parameters that are borrowed", prefix)
		}
		for _, name := range names {
			if !slices.ContainsFunc(t.Params.List, func(p *ast.Field) bool {
				return slices.ContainsFunc(p.Names, func(id *ast.Ident) bool { return id.Name == name })
			}) {
				d.fault(pos, "%s has no parameter %s", f.Name(), name)
			}
			s.borrowed[name] = true
		}
	case "lend":
		if rest != "" {
			d.fault(pos, "a %slend directive stands alone", prefix)
		}
		s.lends = true
	default:
		d.fault(pos, "there is no %s%s directive: there are borrow, lend and ignore", prefix, verb)
	}
}

func (d *directives) fault(pos token.Pos, format string, args ...any) {
	d.faults = append(d.faults, fault{pos, fmt.Sprintf(format, args...)})
}

// ignored tells whether a line is one to say nothing about.
func (d *directives) ignored(at token.Position) bool {
	found := false
	for _, ig := range d.ignores {
		if ig.file == at.Filename && ig.from <= at.Line && at.Line <= ig.to {
			ig.used, found = true, true
		}
	}
	return found
}

// borrows tells which parameters of f directives name, the receiver being number 0 if there is one.
func (d *directives) borrows(f *types.Func) []bool {
	s := d.funcs[f]
	if s == nil || len(s.borrowed) == 0 {
		return nil
	}
	first := arity(f.Signature()) - f.Signature().Params().Len()
	b := make([]bool, arity(f.Signature()))
	for i := range f.Signature().Params().Len() {
		b[first+i] = s.borrowed[f.Signature().Params().At(i).Name()]
	}
	return b
}
