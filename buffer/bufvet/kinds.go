package bufvet

import (
	"go/types"
	"strings"
)

const bufferPath = "github.com/ropewalk/ropewalk/buffer"

// isBufferPackage tells whether p is package buffer, or its variant with tests inside.
func isBufferPackage(p *types.Package) bool { return p != nil && p.Path() == bufferPath }

// knowsBuffers tells whether a package imports package buffer, perhaps through others: if not, it cannot have a buffer in
// its hands.
func knowsBuffers(p *types.Package) bool {
	if p == nil {
		return false
	}
	seen := make(map[*types.Package]bool)
	var visit func(p *types.Package) bool
	visit = func(p *types.Package) bool {
		if seen[p] {
			return false
		}
		seen[p] = true
		if isBufferPackage(p) {
			return true
		}
		for _, q := range p.Imports() {
			if visit(q) {
				return true
			}
		}
		return false
	}
	return visit(p)
}

// bufferType returns the name of the type of package buffer that t is or points to, "" if it is none.
func bufferType(t types.Type) string {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok && isBufferPackage(n.Obj().Pkg()) {
		return n.Obj().Name()
	}
	return ""
}

// isBuf tells whether t is *buffer.Buf.
func isBuf(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.Pointer)
	return ok && bufferType(t) == "Buf"
}

// isReader tells whether t is *buffer.Reader.
func isReader(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.Pointer)
	return ok && bufferType(t) == "Reader"
}

// isBytes tells whether t is a []byte, perhaps with a name.
func isBytes(t types.Type) bool {
	s, ok := t.Underlying().(*types.Slice)
	if !ok {
		return false
	}
	b, ok := s.Elem().Underlying().(*types.Basic)
	return ok && b.Kind() == types.Uint8
}

// isTypeParam tells whether t is a type parameter, which may stand for *buffer.Buf in some call.
func isTypeParam(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.TypeParam)
	return ok
}

var errorType = types.Universe.Lookup("error").Type()

func isError(t types.Type) bool { return types.Identical(t, errorType) }

func isBool(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

// owned tells whether a parameter of type t may carry ownership: a *Buf, a struct with one inside, or a type parameter.
func owned(t types.Type) bool { return isTypeParam(t) || len(carried(t)) > 0 }

// carried returns where the handles are in a value of type t: "" for a *Buf itself, and paths such as ".2" for the fields
// of a struct that is passed by value. Messages are often such structs.
func carried(t types.Type) []string {
	if isBuf(t) {
		return []string{""}
	}
	var paths []string
	fields(t, "", 0, func(path string, t types.Type) {
		if isBuf(t) {
			paths = append(paths, path)
		}
	})
	return paths
}

// fields calls f for the fields of a struct, and of structs in it.
func fields(t types.Type, path string, depth int, f func(path string, t types.Type)) {
	s, ok := t.Underlying().(*types.Struct)
	if !ok || isTypeParam(t) || depth == 3 {
		return
	}
	for i := range s.NumFields() {
		p := step(path, i)
		f(p, s.Field(i).Type())
		fields(s.Field(i).Type(), p, depth+1, f)
	}
}

// step returns the path of field i of what is at a path.
func step(path string, i int) string {
	return path + "." + string(rune('0'+i)) // beyond nine any other rune will do
}

// within tells whether a path is prefix or leads on from there, and how.
func within(path, prefix string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(path, prefix)
	return rest, ok && (rest == "" || rest[0] == '.')
}
