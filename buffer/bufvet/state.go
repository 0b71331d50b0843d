package bufvet

import (
	"fmt"
	"go/token"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// A state is what is known at one point of one path through a function. Paths are kept apart, which makes "the error was
// nil" and "the flag was set" come out right; those that agree in everything that still matters are one.
type state struct {
	env    map[loc]val
	objs   map[objID]fate
	facts  map[string]fact
	defers []*ssa.Defer
	failed bool // the test has: what it leaves behind does not matter any more
}

// A loc is a place that holds a value: a register of the SSA form, a local variable, or a field of either, by its path.
type loc struct {
	v    ssa.Value
	path string
}

// A val is what a place holds.
type val struct {
	kind valKind
	obj  objID // of a handle, or of the handle that lent the bytes; noObj if it is not followed
	via  int32 // number of the opaque value, or of the call that lent
}

type valKind uint8

const (
	vOpaque valKind = iota
	vNil
	vTrue
	vFalse
	vHandle
	vLoan
	vLoans // a list of loans
)

// An objID is the number of an object, times two. The odd number is what the same place made in an earlier pass of a loop.
type objID int32

const noObj objID = -1

// A fate is what became of a handle.
type fate struct {
	status status
	by     ssa.Instruction // what brought it there
	notNil bool            // the path has used it, or has compared it with nil
	gone   token.Pos       // where the path has lost sight of it
	moved  bool            // the field that it was read from holds something else now
}

type status uint8

const (
	held     status = iota // nothing has happened yet
	untold                 // it was given to something that is not understood
	stored                 // in memory that others see
	passed                 // to somebody who owns it now
	released               // by Release
)

// A fact is the outcome of a condition, and the number of the block that tested it.
type fact struct {
	truth bool
	block int
}

func newState() *state {
	return &state{env: make(map[loc]val), objs: make(map[objID]fate), facts: make(map[string]fact)}
}

func (s *state) clone() *state {
	return &state{maps.Clone(s.env), maps.Clone(s.objs), maps.Clone(s.facts), slices.Clone(s.defers), s.failed}
}

// set makes a place hold a value, and forgets what its parts held.
func (s *state) set(l loc, v val) {
	s.clear(l)
	s.env[l] = v
}

func (s *state) clear(l loc) {
	for at := range s.env {
		if at.v == l.v {
			if _, ok := within(at.path, l.path); ok {
				delete(s.env, at)
			}
		}
	}
}

// copy makes a place, and its parts, hold what another one does.
func (s *state) copy(to, from loc) {
	parts := make(map[string]val)
	for at, v := range s.env {
		if at.v == from.v {
			if rest, ok := within(at.path, from.path); ok {
				parts[rest] = v
			}
		}
	}
	s.clear(to)
	for rest, v := range parts {
		s.env[loc{to.v, to.path + rest}] = v
	}
}

// parts returns what a place and its parts hold, in an order that is always the same.
func (s *state) parts(l loc) []val {
	var paths []string
	for at := range s.env {
		if at.v == l.v {
			if _, ok := within(at.path, l.path); ok {
				paths = append(paths, at.path)
			}
		}
	}
	slices.Sort(paths)
	vals := make([]val, len(paths))
	for i, p := range paths {
		vals[i] = s.env[loc{l.v, p}]
	}
	return vals
}

// replace makes all places that hold a handle hold something else.
func (s *state) replace(id objID, v val) {
	for at, x := range s.env {
		if x.kind == vHandle && x.obj == id {
			s.env[at] = v
		}
	}
}

// rename gives an object another number.
func (s *state) rename(from, to objID) {
	for at, x := range s.env {
		if x.kind != vOpaque && x.obj == from {
			x.obj = to
			s.env[at] = x
		}
	}
	s.objs[to] = s.objs[from]
	delete(s.objs, from)
}

// refers tells whether any place but those of a register holds a handle, or bytes that it lent.
func (s *state) refers(id objID, but ssa.Value) bool {
	for at, v := range s.env {
		if v.obj == id && (v.kind == vHandle || v.kind >= vLoan) && at.v != but {
			return true
		}
	}
	return false
}

// fate changes what became of a handle.
func (s *state) fate(id objID, st status, by ssa.Instruction) {
	f := s.objs[id]
	f.status, f.by = st, by
	s.objs[id] = f
}

// key is a text that is equal for equal states.
func (s *state) key(number func(ssa.Value) int32) string {
	var lines []string
	for at, v := range s.env {
		lines = append(lines, fmt.Sprintf("e%d%s=%d,%d,%d", number(at.v), at.path, v.kind, v.obj, v.via))
	}
	for id, f := range s.objs {
		lines = append(lines, fmt.Sprintf("o%d=%d,%p,%t,%t,%d", id, f.status, f.by, f.notNil, f.moved, f.gone))
	}
	for k, f := range s.facts {
		lines = append(lines, fmt.Sprintf("f%s=%t,%d", k, f.truth, f.block))
	}
	slices.Sort(lines)
	lines = append(lines, fmt.Sprint(s.failed))
	for _, d := range s.defers {
		lines = append(lines, fmt.Sprintf("d%p", d))
	}
	return strings.Join(lines, ";")
}
