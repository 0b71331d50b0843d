package bufvet

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// An object is a handle, as far as a function can tell them apart: where it came from.
type object struct {
	site ssa.Value
	path string // of a parameter's field, or a call's result
	kind objKind
	// param is the number of a parameter, or of a variable of the surrounding function.
	param int
	// settled says that some path releases the handle, passes it on, or loses sight of it.
	settled bool
	// kept says that some path stores it where others see it.
	kept bool
	// outcomes are the statuses that paths return with.
	outcomes [released + 1]bool
	// returned says that some path returns it.
	returned bool
	leaks    []leak
	// lost are the blocks of a loop whose passes may lose the handle.
	lost map[int]bool
}

// A leak is where a path ends that owes a handle, and the number of the block.
type leak struct {
	pos   token.Pos
	block int
}

type objKind uint8

const (
	local    objKind = iota // obtained here, and owned
	param                   // a parameter or a part of one
	outer                   // a variable of the surrounding function
	fromRead                // taken by a decoder, whose driver takes it back if the attempt fails
	fromOwn                 // taken with a reader of the function's own: nil if that has failed
	strange                 // from elsewhere: a field, a list, code that is not understood
	reader                  // a *buffer.Reader, whose loans end with Close
)

// object returns the number of the handle that comes from a place.
func (f *flow) object(site ssa.Value, path string, kind objKind) objID {
	at := loc{site, path}
	if id, ok := f.objIndex[at]; ok {
		return id
	}
	id := objID(2 * len(f.objs))
	f.objs = append(f.objs, &object{site: site, path: path, kind: kind})
	f.objIndex[at] = id
	return id
}

func (f *flow) obj(id objID) *object { return f.objs[id/2] }

// arrive puts a handle in a place of a state, fresh from where it comes from. What came from there before, in an earlier
// pass of a loop, is another one.
func (f *flow) arrive(s *state, site ssa.Value, path string, kind objKind) objID {
	id := f.object(site, path, kind)
	if _, ok := s.objs[id]; ok {
		f.age(s, id)
	}
	s.objs[id] = fate{}
	s.set(loc{site, path}, val{kind: vHandle, obj: id})
	return id
}

// age makes room for a handle from the same place.
func (f *flow) age(s *state, id objID) {
	site := f.obj(id).site
	if !s.refers(id, site) {
		delete(s.objs, id) // an owned one that nobody refers to was reported where the pass of the loop ended
		s.replace(id, val{kind: vOpaque, obj: noObj, via: f.number(site)})
		return
	}
	old := id + 1
	if _, ok := s.objs[old]; ok { // three at a time: too many to follow
		s.fate(old, untold, nil)
		f.obj(id).settled = true
		s.replace(id, val{kind: vHandle, obj: old})
		delete(s.objs, id)
		return
	}
	s.rename(id, old)
}
