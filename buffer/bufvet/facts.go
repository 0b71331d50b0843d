package bufvet

import (
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// stale forgets the outcomes of conditions that look at what an address points to.
func (f *flow) stale(s *state, addr ssa.Value) {
	load := "*" + f.term(addr, 1)
	for k := range s.facts {
		if strings.Contains(k, load) {
			delete(s.facts, k)
		}
	}
}

// matters tells whether a fact may be needed from a block on.
func (f *flow) matters(s *state, key string, to *ssa.BasicBlock) bool {
	number, _, _ := strings.Cut(key[1:], "=")
	n, err := strconv.Atoi(number)
	if key[0] != 'n' && key[0] != 'x' || err != nil {
		return true
	}
	v := f.values[n]
	if f.live[to.Index][v] {
		return true
	}
	for _, x := range s.env {
		if x.kind == vOpaque && int(x.via) == n {
			return true
		}
	}
	return f.heldFrom(s, v)
}

// heldFrom tells whether a handle is held that came with an error.
func (f *flow) heldFrom(s *state, err ssa.Value) bool {
	e, ok := err.(*ssa.Extract)
	if !ok {
		return false
	}
	for id := range s.objs {
		if f.obj(id).site == e.Tuple {
			return true
		}
	}
	return false
}
