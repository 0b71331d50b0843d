package bufvet

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// edge goes on to another block, unless it was entered in the same state before.
func (f *flow) edge(s *state, from, to *ssa.BasicBlock) {
	f.phis(s, from, to)
	back := f.loops[to.Index] != nil && f.loops[to.Index][from.Index]
	f.prune(s, to, back)
	f.lose(s, from)
	if back {
		f.lost(s, to, from)
	}
	key := s.key(f.number)
	if !f.seen[to.Index][key] {
		f.seen[to.Index][key] = true
		f.work = append(f.work, point{to, s})
	}
}

// phis chooses what the path brings along, all at once.
func (f *flow) phis(s *state, from, to *ssa.BasicBlock) {
	at := predIndex(from, to)
	chosen := make(map[*ssa.Phi]map[string]val)
	for _, instr := range to.Instrs {
		phi, ok := instr.(*ssa.Phi)
		if !ok {
			break
		}
		chosen[phi] = f.read(s, phi.Edges[at])
	}
	for phi, parts := range chosen {
		s.clear(loc{phi, ""})
		for path, v := range parts {
			if v.kind != vOpaque || f.followed(phi.Type()) {
				s.env[loc{phi, path}] = v
			}
		}
	}
}

// followed tells whether it matters which of several opaque values of a type a phi has become.
func (f *flow) followed(t types.Type) bool {
	return isBuf(t) || isError(t) || isBool(t) || isTypeParam(t)
}

// prune forgets what does not matter from a block on. At the end of a pass of a loop it forgets what was found out in it.
func (f *flow) prune(s *state, to *ssa.BasicBlock, back bool) {
	for at := range s.env {
		if !f.isCell(at.v) && !f.live[to.Index][at.v] {
			delete(s.env, at)
		}
	}
	for k, fact := range s.facts {
		if back && f.loops[to.Index][fact.block] || !f.matters(s, k, to) {
			delete(s.facts, k)
		}
	}
	for id, fate := range s.objs {
		if !f.remembered(id, fate) && !s.refers(id, nil) {
			delete(s.objs, id)
		}
	}
}

// remembered tells whether a handle matters even if nothing on the path refers to it any more.
func (f *flow) remembered(id objID, fate fate) bool {
	kind := f.obj(id).kind
	return kind == param || kind == outer || f.owed(id, fate) || fate.status == held && fate.notNil && f.isField(id)
}

// lose notes where a path loses sight of a handle that it owes.
func (f *flow) lose(s *state, from *ssa.BasicBlock) {
	for id, fate := range s.objs {
		if fate.status == held && !fate.gone.IsValid() && f.obj(id).kind == local && !s.refers(id, nil) {
			fate.gone = lastPos(from)
			s.objs[id] = fate
		}
	}
}

// lost reports handles that nobody can reach any more when a pass of a loop ends.
func (f *flow) lost(s *state, head, from *ssa.BasicBlock) {
	for id, fate := range s.objs {
		if fate.status != held || f.obj(id).kind != local || s.refers(id, nil) || f.deferred(s, id) || f.undecided(s, id) || s.failed {
			continue
		}
		f.leak(id, fate.gone, from)
		f.obj(id).lost = f.loops[head.Index]
		delete(s.objs, id)
	}
}

// lastPos returns the last position in a block, or in the one that leads to it: a continue statement leaves no trace.
func lastPos(b *ssa.BasicBlock) token.Pos {
	for range 3 {
		for i := len(b.Instrs) - 1; i >= 0; i-- {
			if p := b.Instrs[i].Pos(); p.IsValid() {
				return p
			}
			if i, ok := b.Instrs[i].(*ssa.If); ok && i.Cond.Pos().IsValid() {
				return i.Cond.Pos()
			}
		}
		if len(b.Preds) != 1 {
			break
		}
		b = b.Preds[0]
	}
	return token.NoPos
}
