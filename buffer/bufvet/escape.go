package bufvet

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// An escape is a place where borrowed bytes are put that outlives them. Whether it is one is decided when the whole function
// was seen: who stores the handle too may store what it lends.
type escape struct {
	instr ssa.Instruction
	loan  val
	text  string
	// stored is the address of where they are stored, nil if they go elsewhere.
	stored ssa.Value
}

// escape notes that borrowed bytes leave for a place where nobody knows that they are borrowed.
func (f *flow) escape(instr ssa.Instruction, x val, text string) {
	f.escapes = append(f.escapes, escape{instr: instr, loan: x, text: text})
}

// keeps notes that borrowed bytes are stored.
func (f *flow) keeps(instr ssa.Instruction, x val, addr ssa.Value) {
	if where := f.home(addr); where != "" {
		f.escapes = append(f.escapes, escape{instr, x, "is stored in " + where, addr})
	}
}

// home names the place that an address leads to if it may outlive the function, and returns "" otherwise.
func (f *flow) home(addr ssa.Value) string {
	switch a := addr.(type) {
	case *ssa.FieldAddr:
		if f.home(a.X) == "" {
			return ""
		}
		return "field " + fieldName(a)
	case *ssa.IndexAddr:
		if f.home(a.X) == "" {
			return ""
		}
		return "an element of a slice"
	case *ssa.Global:
		return a.Name()
	case *ssa.Parameter:
		return "what " + a.Name() + " points to"
	case *ssa.UnOp:
		return f.home(a.X)
	}
	return ""
}

func fieldName(a *ssa.FieldAddr) string {
	s := a.X.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Struct)
	return s.Field(a.Field).Name()
}

// base returns what an address starts from: a parameter, a variable of the package.
func base(addr ssa.Value) ssa.Value {
	switch a := addr.(type) {
	case *ssa.FieldAddr:
		return base(a.X)
	case *ssa.IndexAddr:
		return base(a.X)
	case *ssa.UnOp:
		return base(a.X)
	}
	return addr
}

// reportEscapes reports the borrowed bytes that are kept.
func (f *flow) reportEscapes() {
	for _, e := range f.escapes {
		if !f.outlives(e) {
			continue
		}
		name := "what " + f.lender(e.loan) + " has lent"
		if e.loan.obj != noObj {
			name += " of " + f.name(e.loan.obj)
		}
		f.find(e.instr, "loan", name, []note{{f.values[e.loan.via].Pos(), "borrowed here"}},
			"%s %s %s: bytes that are kept have to be copied", name, f.where(f.values[e.loan.via].Pos()), e.text)
	}
}

// outlives tells whether the place that bytes are put is sure to outlive them.
func (f *flow) outlives(e escape) bool {
	if c, ok := f.values[e.loan.via].(*ssa.Call); ok && lenders[apiCall(&c.Call)].list {
		return false // lists of pieces are used again and again by those who write them
	}
	if e.stored == nil || e.loan.obj == noObj && !global(e.stored) {
		return e.stored == nil
	}
	if global(e.stored) {
		return true
	}
	switch o := f.obj(e.loan.obj); o.kind {
	case local, fromRead, fromOwn:
		return !o.kept
	case param:
		return !o.kept && !f.lentParam(o) && f.owns(o.param)
	case reader:
		if _, made := o.site.(*ssa.Call); made {
			return true
		}
		// A decoder that stores in itself what it borrows; what it stores in a message is borrowed by the message.
		return f.fn.Name() == "Decode" && len(f.fn.Params) > 0 && base(e.stored) == f.fn.Params[0]
	}
	return false
}

func global(addr ssa.Value) bool {
	_, ok := base(addr).(*ssa.Global)
	return ok
}

// lendsEach returns the call whose slices a parameter is, one after the other: that of the body of a range loop over
// Buf.Chunks.
func (f *flow) lendsEach(p *ssa.Parameter) *ssa.Call {
	fn := p.Parent()
	if fn.Synthetic != "range-over-func yield" || !isBytes(p.Type()) || fn.Parent() == nil {
		return nil
	}
	for _, b := range fn.Parent().Blocks {
		for _, instr := range b.Instrs {
			c, ok := instr.(*ssa.Call)
			if !ok || len(c.Call.Args) != 1 {
				continue
			}
			if m, ok := c.Call.Args[0].(*ssa.MakeClosure); !ok || m.Fn != fn {
				continue
			}
			if from, ok := c.Call.Value.(*ssa.Call); ok && lenders[apiCall(&from.Call)].each {
				return from
			}
			return nil
		}
	}
	return nil
}
