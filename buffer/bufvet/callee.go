package bufvet

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// apiCall returns the name of the function of package buffer that a call is of.
func apiCall(c *ssa.CallCommon) string {
	if callee := c.StaticCallee(); callee != nil {
		if obj, ok := callee.Object().(*types.Func); ok {
			return apiName(obj)
		}
	}
	return ""
}

// modesOf returns what the called function does with its arguments.
func (f *flow) modesOf(c *ssa.CallCommon) *modes {
	if c.IsInvoke() {
		return f.c.methodModes(c.Method.Origin())
	}
	callee := c.StaticCallee()
	if callee == nil {
		return dynamic(c.Signature())
	}
	obj, _ := callee.Object().(*types.Func)
	if obj == nil { // a function literal
		if sum := f.summary(callee); sum != nil {
			return &sum.modes
		}
		return new(modes)
	}
	obj = obj.Origin()
	switch name := apiName(obj); {
	case name != "":
		return apiModes(name, obj)
	case obj.Pkg() == f.c.pass.Pkg:
		if sum := f.summary(callee); sum != nil {
			return &sum.modes
		}
		return new(modes)
	}
	return f.c.imported(obj)
}

// dynamic returns what is known about a function that is a value: what it returns is owned, as everywhere.
func dynamic(sig *types.Signature) *modes {
	m := new(modes)
	for i := range sig.Results().Len() {
		r := result{}
		if isBuf(sig.Results().At(i).Type()) {
			r.Origin = fresh
			if sig.Params().Len() > 0 && isReader(sig.Params().At(0).Type()) {
				r.Origin = taken
			}
		}
		m.Results = append(m.Results, r)
	}
	return m
}

// users are packages whose functions use what they are given, and leave it with whoever owns it.
var users = []string{
	"bufio", "bytes", "encoding/base64", "encoding/binary", "encoding/hex", "encoding/json", "errors", "fmt", "io", "log", "log/slog",
	"strings", "testing", "testing/iotest", "text/template",
}

// imported returns what is known about a function of another package.
func (c *checker) imported(obj *types.Func) *modes {
	m := new(modes)
	if c.pass.ImportObjectFact(obj, m) {
		return m
	}
	if obj.Pkg() != nil && slices.Contains(users, obj.Pkg().Path()) {
		m.Params = slices.Repeat([]mode{borrow}, arity(obj.Signature()))
	}
	return m
}

// methodModes returns what a method of an interface does: what its directives say, and else what the model says.
func (c *checker) methodModes(method *types.Func) *modes {
	if m := new(modes); method.Pkg() != nil && method.Pkg() != c.pass.Pkg && c.pass.ImportObjectFact(method, m) {
		return m
	}
	if method.Pkg() == nil || !c.knows(method.Pkg()) {
		m := c.imported(method)
		if method.Name() == "Release" && method.Signature().Params().Len() == 0 {
			m.Params = []mode{release}
		} else if len(m.Params) == 0 {
			m.Params = []mode{borrow}
		}
		return m
	}
	return c.model(method)
}

// model returns what a method of an interface does if it keeps to the rules.
func (c *checker) model(method *types.Func) *modes {
	sig := method.Signature()
	borrowed := c.told.borrows(method)
	m := &modes{Params: []mode{borrow}, Borrowed: borrowed}
	if method.Name() == "Release" && sig.Params().Len() == 0 {
		m.Params[0] = release
	}
	for i := 1; i < arity(sig); i++ {
		switch t := paramType(sig, i); {
		case borrowed != nil && borrowed[i]:
			m.Params = append(m.Params, borrow)
		case isBuf(t), isTypeParam(t):
			m.Params = append(m.Params, consume)
		default:
			m.Params = append(m.Params, unknown)
		}
	}
	s := c.told.funcs[method]
	m.Lends = s != nil && s.lends
	for i := range sig.Results().Len() {
		r := result{}
		if isBuf(sig.Results().At(i).Type()) && !m.Lends {
			r.Origin = fresh
			for k := range sig.Params().Len() {
				if isReader(sig.Params().At(k).Type()) {
					r.Origin = taken
				}
			}
		}
		m.Results = append(m.Results, r)
	}
	return m
}

// neverReturns tells whether a called function does not come back.
func (f *flow) neverReturns(c *ssa.CallCommon) bool {
	if c.IsInvoke() {
		return c.Method.Pkg() != nil && c.Method.Pkg().Path() == "testing" && f.c.stops(c.Method)
	}
	callee := c.StaticCallee()
	if callee == nil {
		return false
	}
	if obj, ok := callee.Object().(*types.Func); ok && obj.Pkg() != f.c.pass.Pkg {
		return f.c.stops(obj)
	}
	if strings.HasPrefix(callee.Synthetic, "range-over-func") {
		return false
	}
	sum := f.summary(callee)
	return sum != nil && sum.noReturn
}
