package bufvet

import (
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
)

// Analyzer finds breaches of the ownership rules of package buffer. It needs facts about imported packages, which every
// driver of go/analysis computes by itself.
var Analyzer = &analysis.Analyzer{
	Name:      "bufvet",
	Doc:       "find buffers that leak, are released twice or used too late, and borrowed bytes that are kept",
	URL:       "https://pkg.go.dev/github.com/ropewalk/ropewalk/buffer/bufvet",
	Run:       run,
	FactTypes: []analysis.Fact{new(modes), new(noReturn), new(isOwner)},
}

func run(pass *analysis.Pass) (any, error) {
	if !knowsBuffers(pass.Pkg) {
		return nil, nil
	}
	c := &checker{
		pass:      pass,
		trusted:   isBufferPackage(pass.Pkg),
		told:      readDirectives(pass),
		summaries: make(map[*ssa.Function]*summary),
		known:     make(map[*types.Package]bool),
		owners:    make(map[*types.Var]bool),
		borrowers: make(map[*types.Var]bool),
	}
	c.inherit()
	if !c.trusted {
		c.build()
		c.findHandlers()
		c.findCallbacks()
		c.infer()
		if c.findCallbacks() {
			c.infer()
		}
	}
	c.export()
	c.report()
	return nil, nil
}

// A checker is the analysis of one package.
type checker struct {
	pass *analysis.Pass
	// trusted says that this is package buffer itself. What its functions do is in a table: they move shares and views
	// about below the level at which a handle has an owner.
	trusted   bool
	told      *directives
	funcs     []*ssa.Function // callees before callers, as far as possible
	summaries map[*ssa.Function]*summary
	handlers  map[*ssa.Function]bool // that another package calls with what it owns
	known     map[*types.Package]bool
	owners    map[*types.Var]bool // fields whose functions own what they are called with
	borrowers map[*types.Var]bool // fields whose functions do not, as their callers go on with it
}

// knows is knowsBuffers for the packages that are asked about again and again.
func (c *checker) knows(p *types.Package) bool {
	if _, ok := c.known[p]; !ok {
		c.known[p] = knowsBuffers(p)
	}
	return c.known[p]
}
