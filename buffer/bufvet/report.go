package bufvet

import (
	"cmp"
	"fmt"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
)

// find notes a breach of the rules at an instruction.
func (f *flow) find(at ssa.Instruction, kind, name string, notes []note, format string, args ...any) {
	f.findAt(f.pos(at), kind, name, notes, format, args...)
}

// findAt notes a breach of the rules, unless the same one was found on another path.
func (f *flow) findAt(pos token.Pos, kind, name string, notes []note, format string, args ...any) {
	if !pos.IsValid() {
		pos = f.fn.Pos()
	}
	key := findingKey{pos, kind, name}
	if _, ok := f.findings[key]; !ok {
		f.findings[key] = finding{pos, kind, fmt.Sprintf(format, args...), notes}
	}
}

// report reports what was found, unless a directive says that it shall not, and directives that have no use.
func (c *checker) report() {
	var all []finding
	for _, fn := range c.funcs {
		if s := c.summaries[fn]; s != nil {
			all = append(all, s.findings...)
		}
	}
	for _, f := range c.told.faults {
		all = append(all, finding{pos: f.pos, kind: "directive", text: f.why})
	}
	slices.SortFunc(all, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.pos, b.pos), cmp.Compare(a.kind, b.kind), cmp.Compare(a.text, b.text))
	})
	for _, f := range all {
		if f.kind != "directive" && c.told.ignored(c.pass.Fset.Position(f.pos)) {
			continue
		}
		d := analysis.Diagnostic{Pos: f.pos, Category: f.kind, Message: f.text}
		for _, n := range f.notes {
			if n.pos.IsValid() {
				d.Related = append(d.Related, analysis.RelatedInformation{Pos: n.pos, Message: n.text})
			}
		}
		c.pass.Report(d)
	}
	for _, ig := range c.told.ignores {
		if !ig.used {
			c.pass.Report(analysis.Diagnostic{Pos: ig.pos, Category: "directive",
				Message: "nothing is found here: the " + prefix + "ignore directive has no use"})
		}
	}
}

// export makes facts of what packages that import this one need to know.
func (c *checker) export() {
	for fn, s := range c.summaries {
		obj, ok := fn.Object().(*types.Func)
		if !ok || obj.Pkg() != c.pass.Pkg || fn.Parent() != nil {
			continue
		}
		if s.noReturn {
			c.pass.ExportObjectFact(obj, new(noReturn))
		}
		if telling(obj.Signature()) {
			c.pass.ExportObjectFact(obj, &s.modes)
		}
	}
	for v := range c.owners {
		if c.ownsField(v) {
			c.pass.ExportObjectFact(v, new(isOwner))
		}
	}
	for f := range c.told.funcs {
		if isInterfaceMethod(f) {
			c.pass.ExportObjectFact(f, c.model(f))
		}
	}
}

// telling tells whether there is anything to say about a function: it has handles, or bytes, among its parameters or results.
func telling(sig *types.Signature) bool {
	for i := range arity(sig) {
		if t := paramType(sig, i); owned(t) || isReader(t) {
			return true
		}
	}
	for i := range sig.Results().Len() {
		if carriesHandles(sig.Results().At(i).Type()) {
			return true
		}
	}
	return false
}
