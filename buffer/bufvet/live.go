package bufvet

import (
	"golang.org/x/tools/go/ssa"
)

// liveness returns, for each block, the values that are needed behind its phis. Arguments of deferred calls are needed
// where these run.
func liveness(fn *ssa.Function) []map[ssa.Value]bool {
	var deferred []ssa.Value
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			if d, ok := instr.(*ssa.Defer); ok {
				for _, op := range d.Operands(nil) {
					deferred = append(deferred, *op)
				}
			}
		}
	}
	in := make([]map[ssa.Value]bool, len(fn.Blocks))
	for i := range in {
		in[i] = make(map[ssa.Value]bool)
	}
	for changed := true; changed; {
		changed = false
		for i := len(fn.Blocks) - 1; i >= 0; i-- {
			b := fn.Blocks[i]
			live := liveOut(b, in)
			for k := len(b.Instrs) - 1; k >= 0; k-- {
				instr := b.Instrs[k]
				if _, ok := instr.(*ssa.Phi); ok {
					break
				}
				if v, ok := instr.(ssa.Value); ok {
					delete(live, v)
				}
				if _, ok := instr.(*ssa.DebugRef); ok {
					continue
				}
				for _, op := range instr.Operands(nil) {
					if *op != nil {
						live[*op] = true
					}
				}
				if _, ok := instr.(*ssa.RunDefers); ok {
					for _, v := range deferred {
						live[v] = true
					}
				}
			}
			if len(live) > len(in[i]) {
				in[i], changed = live, true
			}
		}
	}
	return in
}

// liveOut returns what is needed at the end of a block.
func liveOut(b *ssa.BasicBlock, in []map[ssa.Value]bool) map[ssa.Value]bool {
	live := make(map[ssa.Value]bool)
	for _, s := range b.Succs {
		for v := range in[s.Index] {
			if phi, ok := v.(*ssa.Phi); !ok || phi.Block() != s {
				live[v] = true
			}
		}
		at := predIndex(b, s)
		for _, instr := range s.Instrs {
			phi, ok := instr.(*ssa.Phi)
			if !ok {
				break
			}
			live[phi.Edges[at]] = true
		}
	}
	return live
}

func predIndex(from, to *ssa.BasicBlock) int {
	for i, p := range to.Preds {
		if p == from {
			return i
		}
	}
	return 0
}

// loops returns the blocks of the natural loop of each block that begins one, by number.
func loops(fn *ssa.Function) map[int]map[int]bool {
	all := make(map[int]map[int]bool)
	for _, b := range fn.Blocks {
		for _, head := range b.Succs {
			if !head.Dominates(b) {
				continue
			}
			body := all[head.Index]
			if body == nil {
				body = map[int]bool{head.Index: true}
				all[head.Index] = body
			}
			work := []*ssa.BasicBlock{b}
			for len(work) > 0 {
				x := work[len(work)-1]
				work = work[:len(work)-1]
				if !body[x.Index] {
					body[x.Index] = true
					work = append(work, x.Preds...)
				}
			}
		}
	}
	return all
}
