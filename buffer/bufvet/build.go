package bufvet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// build makes the SSA form of the package. Pass buildssa would do it for all packages that go vet meets, also for those
// that do not know buffers, and without the names of variables.
func (c *checker) build() {
	prog := ssa.NewProgram(c.pass.Fset, ssa.GlobalDebug)
	prog.SetNoReturn(c.stops)
	for _, p := range c.pass.Pkg.Imports() {
		prog.CreatePackage(p, nil, nil, true)
	}
	pkg := prog.CreatePackage(c.pass.Pkg, c.pass.Files, c.pass.TypesInfo, false)
	pkg.Build()
	var add func(f *ssa.Function)
	add = func(f *ssa.Function) {
		for _, anon := range f.AnonFuncs { // before the function that they are in
			add(anon)
		}
		c.funcs = append(c.funcs, f)
	}
	for _, file := range c.pass.Files {
		for _, d := range file.Decls {
			if d, ok := d.(*ast.FuncDecl); ok {
				if obj, ok := c.pass.TypesInfo.Defs[d.Name].(*types.Func); ok {
					if f := prog.FuncValue(obj); f != nil {
						add(f)
					}
				}
			}
		}
	}
	if f := pkg.Func("init"); f != nil { // the literals of package-level variables
		for _, anon := range f.AnonFuncs {
			add(anon)
		}
	}
}

// stops tells whether a function of another package never returns.
func (c *checker) stops(f *types.Func) bool {
	if f.Pkg() == nil {
		return false
	}
	switch f.Pkg().Path() {
	case "os":
		return f.Name() == "Exit"
	case "runtime":
		return f.Name() == "Goexit"
	case "log":
		switch f.Name() {
		case "Fatal", "Fatalf", "Fatalln", "Panic", "Panicf", "Panicln":
			return true
		}
	case "testing":
		switch f.Name() {
		case "Fatal", "Fatalf", "FailNow", "Skip", "Skipf", "SkipNow":
			return true
		}
	}
	return f.Pkg() != c.pass.Pkg && c.pass.ImportObjectFact(f.Origin(), new(noReturn))
}
