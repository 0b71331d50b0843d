package bufvet

import (
	"go/types"
	"testing"

	"golang.org/x/tools/go/packages"
)

// borrowers are the functions of package buffer with a *Buf parameter that do not consume it. The table in api.go has those
// that do.
var borrowers = map[string]bool{
	"Buf.Compare":  true,
	"Buf.Equal":    true,
	"Cache.Reader": true,
	"HandOf":       true,
	"NewReader":    true,
}

// TestTables looks for functions of package buffer that the tables do not know: whoever adds one says here what it does.
func TestTables(t *testing.T) {
	pkgs, err := packages.Load(&packages.Config{Mode: packages.NeedTypes | packages.NeedName, Dir: "testdata"}, bufferPath)
	if err != nil || len(pkgs) != 1 || pkgs[0].Types == nil {
		t.Fatal("package buffer cannot be loaded", err)
	}
	known := make(map[string]bool)
	for _, f := range functions(pkgs[0].Types) {
		name, sig := apiName(f), f.Signature()
		known[name] = true
		for i := range sig.Params().Len() {
			_, consumes := consumers[name]
			if isBuf(sig.Params().At(i).Type()) && !consumes && !borrowers[name] {
				t.Errorf("%s: does it consume its *Buf?", name)
			}
		}
		for i := range sig.Results().Len() {
			_, lends := lenders[name]
			if hasBytes(sig.Results().At(i).Type()) && !lends {
				t.Errorf("%s: does it lend its bytes?", name)
			}
		}
	}
	for name := range consumers {
		if !known[name] {
			t.Errorf("there is no %s", name)
		}
	}
	for name := range lenders {
		if !known[name] {
			t.Errorf("there is no %s", name)
		}
	}
}

// functions returns the exported functions and methods of a package.
func functions(p *types.Package) []*types.Func {
	var all []*types.Func
	for _, name := range p.Scope().Names() {
		switch obj := p.Scope().Lookup(name).(type) {
		case *types.Func:
			if obj.Exported() {
				all = append(all, obj)
			}
		case *types.TypeName:
			if n, ok := obj.Type().(*types.Named); ok && obj.Exported() && !types.IsInterface(n) {
				for i := range n.NumMethods() {
					if n.Method(i).Exported() {
						all = append(all, n.Method(i))
					}
				}
			}
		}
	}
	return all
}

// hasBytes tells whether a type is []byte, [][]byte, or a sequence of them.
func hasBytes(t types.Type) bool {
	if isBytes(t) {
		return true
	}
	if n, ok := types.Unalias(t).(*types.Named); ok && n.TypeArgs().Len() == 1 {
		return hasBytes(n.TypeArgs().At(0))
	}
	s, ok := t.Underlying().(*types.Slice)
	return ok && hasBytes(s.Elem())
}
