package bufvet

import (
	"go/ast"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// inTestFile tells whether the function is in a file that only tests use.
func (f *flow) inTestFile() bool {
	return strings.HasSuffix(f.c.pass.Fset.Position(f.fn.Pos()).Filename, "_test.go")
}

// inTest tells whether the function is part of a test, or of a kit for tests, which imports package testing outside of its
// tests. There a call whose result is thrown away is one that shall fail.
func (f *flow) inTest() bool {
	return f.inTestFile() || slices.ContainsFunc(f.c.pass.Files, func(file *ast.File) bool {
		return !strings.HasSuffix(f.c.pass.Fset.Position(file.Package).Filename, "_test.go") &&
			slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"testing"` })
	})
}

// reportLeaks reports the paths that owe a handle, once if all of them do.
func (f *flow) reportLeaks(o *object) {
	if len(o.leaks) == 0 || !f.debtor(o) || f.names[loc{o.site, o.path}] == "" && unused(o) && f.inTest() {
		return
	}
	if o.lost != nil { // what a pass of a loop loses is not lost again at the end of the function
		o.leaks = slices.DeleteFunc(o.leaks, func(l leak) bool { return !o.lost[l.block] })
	}
	id := f.objIndex[loc{o.site, o.path}]
	name := f.name(id)
	if !o.settled {
		switch {
		case o.kind == param:
			f.findAt(o.site.Pos(), "leak", name, nil,
				"%s leaks: %s owns it, and neither releases it nor passes it on (if it only borrows it, its comment has to say so: %sborrow %s)",
				name, f.title(), prefix, name)
		case unused(o):
			f.findAt(o.site.Pos(), "leak", name, nil, "%s leaks: nothing is done with it", name)
		default:
			f.findAt(o.site.Pos(), "leak", name, notes(o.leaks, "a path that ends here owes it"),
				"%s leaks: %s, and is neither released nor passed on", name, f.story(o))
		}
		return
	}
	for _, l := range o.leaks {
		f.findAt(l.pos, "leak", name, []note{{o.site.Pos(), f.story(o)}},
			"%s leaks on this path: %s %s, and is neither released nor passed on", name, f.story(o), f.where(o.site.Pos()))
	}
}

// debtor tells whether the function is to blame for a handle that nobody releases.
func (f *flow) debtor(o *object) bool {
	switch o.kind {
	case param:
		if f.told(o.param) || f.fn.Signature.Recv() != nil && o.param == 0 {
			return false
		}
		settles := o.outcomes[released] || o.outcomes[passed]
		if o.path != "" { // of a message: other paths have to show that there is something to release
			return settles && f.open()
		}
		return settles || f.public(o.param)
	case outer:
		return (o.outcomes[released] || o.outcomes[passed]) && !f.writes[o.param] && f.runsLater()
	}
	return true
}

// runsLater tells whether the function is a literal that runs when the function around it has gone on.
func (f *flow) runsLater() bool {
	if f.fn.Parent() == nil {
		return false
	}
	for _, b := range f.fn.Parent().Blocks {
		for _, instr := range b.Instrs {
			if m, ok := instr.(*ssa.MakeClosure); ok && m.Fn == f.fn {
				return f.runs(m) == later
			}
		}
	}
	return false
}

// unused tells whether nothing is done with what a call returns.
func unused(o *object) bool {
	refs := o.site.Referrers()
	if refs == nil {
		return false
	}
	return !slices.ContainsFunc(*refs, func(r ssa.Instruction) bool {
		if e, ok := r.(*ssa.Extract); ok {
			return resultPath(e.Index) == o.path
		}
		_, debug := r.(*ssa.DebugRef)
		return !debug
	})
}

// title is the name of the function for people.
func (f *flow) title() string {
	if _, ok := f.fn.Syntax().(*ast.FuncDecl); ok {
		return f.fn.Name()
	}
	return "the function"
}

func notes(at []leak, text string) []note {
	var notes []note
	for _, l := range at {
		notes = append(notes, note{l.pos, text})
	}
	return notes
}
