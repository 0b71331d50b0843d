package bufvet

import (
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// most is how many states of a function are looked at. One that has more is too large to be followed; nothing is said
// about it.
const most = 6000

// A flow is the analysis of one function.
type flow struct {
	c        *checker
	fn       *ssa.Function
	asked    map[*ssa.Function]bool // whose summaries were used
	live     []map[ssa.Value]bool
	loops    map[int]map[int]bool
	objs     []*object
	objIndex map[loc]objID
	numbers  map[ssa.Value]int32
	values   []ssa.Value
	names    map[loc]string
	cells    map[ssa.Value]bool // variables that are followed
	keys     map[ssa.Value]string
	tests    map[string]int // how often a condition is tested
	rollback bool
	seen     []map[string]bool
	work     []point
	findings map[findingKey]finding
	escapes  []escape
	returned [][]*result // by each return; nil for a result that is nil
	writes   []bool      // to variables of the surrounding function
}

type point struct {
	block *ssa.BasicBlock
	state *state
}

type findingKey struct {
	pos  token.Pos
	kind string
	name string
}

func newFlow(c *checker, fn *ssa.Function) *flow {
	return &flow{
		c:        c,
		fn:       fn,
		asked:    make(map[*ssa.Function]bool),
		objIndex: make(map[loc]objID),
		numbers:  make(map[ssa.Value]int32),
		keys:     make(map[ssa.Value]string),
		tests:    make(map[string]int),
		findings: make(map[findingKey]finding),
	}
}

// number returns a number for a value, for keys and facts.
func (f *flow) number(v ssa.Value) int32 {
	n, ok := f.numbers[v]
	if !ok {
		n = int32(len(f.values))
		f.numbers[v] = n
		f.values = append(f.values, v)
	}
	return n
}

// run follows all paths and returns what was learned.
func (f *flow) run() *summary {
	s := &summary{
		modes: modes{Params: make([]mode, len(f.fn.Params)), Results: make([]result, f.fn.Signature.Results().Len())},
		outer: make([]effect, len(f.fn.FreeVars)),
	}
	if len(f.fn.Blocks) == 0 {
		return s
	}
	s.noReturn = !f.returns()
	if !f.relevant() {
		for i := range s.modes.Params {
			s.modes.Params[i] = borrow
		}
		for i, v := range f.fn.FreeVars {
			s.outer[i].writes = f.writesTo(v)
		}
		return s
	}
	f.prepare()
	f.work = []point{{f.fn.Blocks[0], f.begin()}}
	for steps := 0; len(f.work) > 0; steps++ {
		if steps == most {
			for i, v := range f.fn.FreeVars {
				s.outer[i] = effect{touches: true, writes: f.writesTo(v)}
			}
			return s
		}
		p := f.work[len(f.work)-1]
		f.work = f.work[:len(f.work)-1]
		f.block(p.state, p.block)
	}
	f.conclude(s)
	return s
}

// block follows a path through a block.
func (f *flow) block(s *state, b *ssa.BasicBlock) {
	for _, instr := range b.Instrs {
		switch instr := instr.(type) {
		case *ssa.If:
			for i, truth := range []bool{true, false} {
				next := s.clone()
				if f.assume(next, instr.Cond, truth, b.Index) {
					f.edge(next, b, b.Succs[i])
				}
			}
			return
		case *ssa.Jump:
			f.edge(s, b, b.Succs[0])
			return
		case *ssa.Return:
			f.leave(s, instr)
			return
		case *ssa.Panic:
			return
		default:
			if !f.step(s, instr) {
				return
			}
		}
	}
}

// end returns the closing brace of the function.
func (f *flow) end() token.Pos {
	switch n := f.fn.Syntax().(type) {
	case *ast.FuncDecl:
		return n.Body.Rbrace
	case *ast.FuncLit:
		return n.Body.Rbrace
	case *ast.RangeStmt:
		return n.Body.Rbrace
	}
	return f.fn.Pos()
}
