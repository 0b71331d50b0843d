package bufvet

import (
	"golang.org/x/tools/go/ssa"
)

// A handle that is read from a field belongs to the field, and nothing is said about it. But if the field is then made to
// hold something else, the handle was moved out, and the function owes it.

// fieldOf returns the address of the field that a handle was read from, nil if it came from elsewhere.
func (f *flow) fieldOf(id objID) *ssa.FieldAddr {
	load, ok := f.obj(id).site.(*ssa.UnOp)
	if !ok {
		return nil
	}
	addr, _ := load.X.(*ssa.FieldAddr)
	return addr
}

func (f *flow) isField(id objID) bool { return f.fieldOf(id) != nil }

func sameField(a, b *ssa.FieldAddr) bool {
	return a != nil && b != nil && a.X == b.X && a.Field == b.Field
}

// movedOut notes that a field holds something else now than the handles that were read from it.
func (f *flow) movedOut(s *state, addr, v ssa.Value) {
	to, ok := addr.(*ssa.FieldAddr)
	if !ok || !isBuf(v.Type()) {
		return
	}
	x := f.eval(s, v)
	for id, fate := range s.objs {
		if sameField(f.fieldOf(id), to) && (x.kind != vHandle || x.obj != id) {
			fate.moved = true
			s.objs[id] = fate
		}
	}
}

// siblings gives up what else was read from the field that a handle came from: most probably it is the same handle.
func (f *flow) siblings(s *state, id objID) {
	addr := f.fieldOf(id)
	if addr == nil {
		return
	}
	for other, fate := range s.objs {
		if other != id && fate.status == held && sameField(f.fieldOf(other), addr) {
			s.fate(other, untold, nil)
		}
	}
}

// sibling gives up a handle that has just been read from a field if one that was read before is settled.
func (f *flow) sibling(s *state, v ssa.Value) {
	x := f.eval(s, v)
	if x.kind != vHandle {
		return
	}
	for other, fate := range s.objs {
		if other != x.obj && fate.status != held && !fate.moved && sameField(f.fieldOf(other), f.fieldOf(x.obj)) {
			s.fate(x.obj, untold, nil)
		}
	}
}
