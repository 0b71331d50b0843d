package bufvet

import (
	"go/token"
	"strconv"

	"golang.org/x/tools/go/ssa"
)

// owed tells whether a handle still has to be released, or passed on, by this function, as far as one path can tell.
func (f *flow) owed(id objID, fate fate) bool {
	if fate.status != held {
		return false
	}
	switch o := f.obj(id); o.kind {
	case local, outer:
		return true
	case param:
		return !isTypeParam(o.site.Type()) && (o.path == "" || fate.notNil) // a message may come without its body
	case fromOwn:
		return fate.notNil
	case strange:
		return fate.moved && fate.notNil
	}
	return false
}

// leave ends a path at a return.
func (f *flow) leave(s *state, ret *ssa.Return) {
	var row []*result
	for _, v := range ret.Results {
		row = append(row, f.result1(s, ret, v))
	}
	f.returned = append(f.returned, row)
	for at, x := range s.env {
		if _, ok := at.v.(*ssa.FreeVar); ok && x.kind == vHandle && f.obj(x.obj).kind != outer && s.objs[x.obj].status == held {
			s.fate(x.obj, stored, ret)
			f.obj(x.obj).settled = true
		}
	}
	pos := ret.Pos()
	if !pos.IsValid() {
		pos = f.end()
	}
	for id, fate := range s.objs {
		f.obj(id).outcomes[fate.status] = true
		f.leftTo(id, fate)
		if f.owed(id, fate) && !s.failed && !f.undecided(s, id) {
			f.leak(id, pos, ret.Block())
		}
	}
}

// result1 returns a result, and says what it is.
func (f *flow) result1(s *state, ret *ssa.Return, v ssa.Value) *result {
	var r *result
	for path, x := range f.read(s, v) {
		switch x.kind {
		case vHandle:
			f.use(s, ret, x, "returned")
			f.tookBack(s.objs[x.obj])
			o, fate := f.obj(x.obj), s.objs[x.obj]
			o.settled, o.returned = true, true
			if fate.status != held {
				o.outcomes[fate.status] = true
			}
			delete(s.objs, x.obj)
			if path == "" {
				r = f.origin(o, fate)
			}
		case vLoan:
			f.use(s, ret, x, "returned")
			if x.obj != noObj && f.obj(x.obj).kind == param {
				r = &result{loanFrom, f.obj(x.obj).param}
			} else {
				r = &result{}
			}
		case vNil:
		default:
			r = &result{}
		}
	}
	return r
}

// origin says what a returned handle is to the caller.
func (f *flow) origin(o *object, fate fate) *result {
	switch {
	case fate.status != held:
		return &result{}
	case o.kind == local, o.kind == fromOwn, o.kind == strange && fate.moved:
		return &result{Origin: fresh}
	case o.kind == fromRead:
		return &result{Origin: taken}
	case o.kind == param && !f.lentParam(o):
		return &result{sameAs, o.param}
	}
	return &result{}
}

// undecided tells whether a handle came with an error that this path knows nothing about, and the function looks at the
// error otherwise than by comparing it with nil: require.NoError, say.
func (f *flow) undecided(s *state, id objID) bool {
	o := f.obj(id)
	if o.site.Referrers() == nil || s.objs[id].notNil {
		return false
	}
	for _, r := range *o.site.Referrers() {
		e, ok := r.(*ssa.Extract)
		if !ok || !isError(e.Type()) && !isBool(e.Type()) || o.path == resultPath(e.Index) {
			continue
		}
		if _, known := s.facts["n"+strconv.Itoa(int(f.number(e)))]; known {
			continue
		}
		for _, use := range *e.Referrers() {
			switch use.(type) {
			case *ssa.Call, *ssa.MakeInterface, *ssa.ChangeInterface, *ssa.TypeAssert:
				return true
			}
		}
	}
	return false
}

// leak notes that a path ends, or loses sight of a handle, and owes it.
func (f *flow) leak(id objID, pos token.Pos, block *ssa.BasicBlock) {
	o := f.obj(id)
	for _, l := range o.leaks {
		if l.pos == pos {
			return
		}
	}
	o.leaks = append(o.leaks, leak{pos, block.Index})
}
