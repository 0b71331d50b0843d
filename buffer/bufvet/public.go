package bufvet

import (
	"go/types"
)

// owns tells whether the function owns a parameter.
func (f *flow) owns(i int) bool {
	m := f.mode(i)
	return m == consume || m == release
}

// told tells whether a directive says that a parameter is borrowed.
func (f *flow) told(i int) bool {
	obj, ok := f.fn.Object().(*types.Func)
	if !ok {
		return false
	}
	b := f.c.told.borrows(obj)
	return i < len(b) && b[i]
}

func (f *flow) lentParam(o *object) bool { return o.kind == param && f.told(o.param) }

// lentBecause says who has said that a parameter is borrowed.
func (f *flow) lentBecause(o *object) string {
	return f.fn.Name() + ", or an interface that it implements, has a " + prefix + "borrow directive"
}

// public tells whether the model rule holds for a parameter, whatever the function does with it: it owns a *Buf that it is
// given. Helpers may borrow without saying so.
func (f *flow) public(i int) bool {
	return isBuf(f.fn.Params[i].Type()) && (f.fn.Signature.Recv() == nil || i > 0) && f.open()
}

// open tells whether the function is called by those who go by the model: one that others see, a stage, or one that was
// handed to another package, as handlers are.
func (f *flow) open() bool {
	if f.c.handlers[f.fn] {
		return true
	}
	obj, ok := f.fn.Object().(*types.Func)
	if !ok {
		return false
	}
	return isStageMethod(obj) || obj.Exported() && f.c.pass.Pkg.Name() != "main" && !f.inTestFile()
}

// isStageMethod tells whether a method is that of a stage or a sink: Read or Write, of one message, with an error.
func isStageMethod(m *types.Func) bool {
	sig := m.Signature()
	return sig.Recv() != nil && (m.Name() == "Read" || m.Name() == "Write") &&
		sig.Params().Len() == 1 && sig.Results().Len() == 1 && isError(sig.Results().At(0).Type())
}
