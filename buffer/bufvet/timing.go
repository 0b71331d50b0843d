package bufvet

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// timing is when a function literal runs.
type timing uint8

const (
	someTime timing = iota // perhaps at once, perhaps later, perhaps never
	inPlace                // where it is called, or deferred
	repeated               // where it stands: the body of a range loop over a function
	later                  // once, when the function around it has gone on: after go, or on another loop
)

// runs tells when a function literal runs.
func (f *flow) runs(m *ssa.MakeClosure) timing {
	when, first := someTime, true
	for _, r := range *m.Referrers() {
		var t timing
		switch r := r.(type) {
		case *ssa.DebugRef:
			continue
		case *ssa.Call:
			t = f.runsIn(&r.Call, m)
		case *ssa.Defer:
			t = f.runsIn(&r.Call, m)
		case *ssa.Go:
			if t = later; r.Call.Value != m {
				t = someTime
			}
		default:
			return someTime
		}
		if t == repeated {
			t = inPlace
		}
		if !first && t != when {
			return someTime
		}
		when, first = t, false
	}
	return when
}

// runsIn tells when a function literal runs that a call is given.
func (f *flow) runsIn(c *ssa.CallCommon, m *ssa.MakeClosure) timing {
	switch fn := m.Fn.(*ssa.Function); {
	case c.Value == m:
		return inPlace
	case fn.Synthetic == "range-over-func yield":
		return repeated
	case isLater(c):
		return later
	}
	return someTime
}

// isLater tells whether a call has a function run once, and later.
func isLater(c *ssa.CallCommon) bool {
	callee := c.StaticCallee()
	if callee == nil {
		return false
	}
	f, ok := callee.Object().(*types.Func)
	if !ok || f.Pkg() == nil {
		return false
	}
	switch f.Pkg().Path() + "." + f.Name() {
	case "time.AfterFunc", "context.AfterFunc":
		return true
	case channelPath + ".Do":
		return true
	}
	return false
}

const channelPath = "github.com/ropewalk/ropewalk/channel"
