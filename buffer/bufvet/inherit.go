package bufvet

import (
	"go/types"
)

// inherit applies the directives at methods of interfaces to the methods of this package that implement them: an encoder
// borrows dst because codec.Encoder says so.
func (c *checker) inherit() {
	told := c.toldMethods()
	if len(told) == 0 {
		return
	}
	scope := c.pass.Pkg.Scope()
	for _, name := range scope.Names() {
		t, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || t.IsAlias() {
			continue
		}
		named, ok := t.Type().(*types.Named)
		if !ok || types.IsInterface(named) {
			continue
		}
		for i := range named.NumMethods() {
			c.inheritMethod(named, named.Method(i), told[named.Method(i).Name()])
		}
	}
}

// A toldMethod is a method of an interface with a directive.
type toldMethod struct {
	method *types.Func
	modes  *modes
}

// toldMethods returns the methods of interfaces with directives, here and in imported packages, by name.
func (c *checker) toldMethods() map[string][]toldMethod {
	told := make(map[string][]toldMethod)
	add := func(f *types.Func, m *modes) {
		if isInterfaceMethod(f) && (len(m.Borrowed) > 0 || m.Lends) {
			told[f.Name()] = append(told[f.Name()], toldMethod{f, m})
		}
	}
	for f, s := range c.told.funcs {
		add(f, &modes{Borrowed: c.told.borrows(f), Lends: s.lends})
	}
	for _, of := range c.pass.AllObjectFacts() {
		m, ok := of.Fact.(*modes)
		if f, isFunc := of.Object.(*types.Func); ok && isFunc && f.Pkg() != c.pass.Pkg {
			add(f, m)
		}
	}
	return told
}

func isInterfaceMethod(f *types.Func) bool {
	recv := f.Signature().Recv()
	return recv != nil && types.IsInterface(recv.Type())
}

// inheritMethod notes what the interfaces say that a method of a type implements. A directive of its own comes first.
func (c *checker) inheritMethod(t *types.Named, method *types.Func, told []toldMethod) {
	if len(told) == 0 || c.told.funcs[method] != nil {
		return
	}
	s := &said{borrowed: make(map[string]bool)}
	for _, m := range told {
		iface := m.method.Signature().Recv().Type().Underlying().(*types.Interface)
		if !implements(t, iface) {
			continue
		}
		s.lends = s.lends || m.modes.Lends
		params := method.Signature().Params()
		for i := range params.Len() {
			if i+1 < len(m.modes.Borrowed) && m.modes.Borrowed[i+1] {
				s.borrowed[params.At(i).Name()] = true
			}
		}
	}
	if s.lends || len(s.borrowed) > 0 {
		c.told.funcs[method] = s
	}
}

// implements tells whether a type has the methods of an interface, whatever the type parameters of the interface stand for.
func implements(t *types.Named, iface *types.Interface) bool {
	u := unifier{}
	for i := range iface.NumMethods() {
		want := iface.Method(i)
		obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(t), true, want.Pkg(), want.Name())
		got, ok := obj.(*types.Func)
		if !ok || !u.tuples(want.Signature().Params(), got.Signature().Params()) ||
			!u.tuples(want.Signature().Results(), got.Signature().Results()) {
			return false
		}
	}
	return true
}

// A unifier finds out whether types are equal once each type parameter stands for one type.
type unifier map[*types.TypeParam]types.Type

func (u unifier) tuples(want, got *types.Tuple) bool {
	if want.Len() != got.Len() {
		return false
	}
	for i := range want.Len() {
		if !u.types(want.At(i).Type(), got.At(i).Type()) {
			return false
		}
	}
	return true
}

func (u unifier) types(want, got types.Type) bool {
	want, got = types.Unalias(want), types.Unalias(got)
	switch w := want.(type) {
	case *types.TypeParam:
		if bound, ok := u[w]; ok {
			return types.Identical(bound, got)
		}
		u[w] = got
		return true
	case *types.Pointer:
		g, ok := got.(*types.Pointer)
		return ok && u.types(w.Elem(), g.Elem())
	case *types.Slice:
		g, ok := got.(*types.Slice)
		return ok && u.types(w.Elem(), g.Elem())
	case *types.Named:
		g, ok := got.(*types.Named)
		if !ok || w.Origin() != g.Origin() || w.TypeArgs().Len() != g.TypeArgs().Len() {
			return false
		}
		for i := range w.TypeArgs().Len() {
			if !u.types(w.TypeArgs().At(i), g.TypeArgs().At(i)) {
				return false
			}
		}
		return true
	}
	return types.Identical(want, got)
}
