package bufvet

import (
	"go/types"
)

// consumers are the functions and methods of package buffer that consume a *Buf, and the number of that argument, the
// receiver being number 0. All others borrow.
var consumers = map[string]int{
	"Buf.Append":   1,
	"Buf.Gather":   1,
	"Queue.Push":   2,
	"Queue.Mapped": 2,
}

// lenders are the methods of package buffer that lend bytes.
var lenders = map[string]lending{
	"Buf.Bytes":            {from: 0},
	"Buf.Chunks":           {from: 0, each: true},
	"Buf.First":            {from: 0},
	"Buf.NetBuffers":       {from: 0, list: true},
	"Buf.Prepend":          {from: 0},
	"Cache.ReplyRoom":      {from: 0},
	"Buf.Tail":             {from: 0},
	"Buf.TryTail":          {from: 0},
	"Buf.Vectors":          {from: 0, list: true},
	"Cache.ReceiveRoom":    {from: 0},
	"Queue.First":          {from: 0},
	"Queue.Vectors":        {from: 0, list: true},
	"Reader.Next":          {from: 0},
	"Reader.Peek":          {from: 0},
	"Reader.Until":         {from: 0},
	"Reader.UntilSequence": {from: 0},
}

// A lending is how a method lends.
type lending struct {
	from int  // the argument that lends, the receiver being number 0
	each bool // one slice after the other, in a range loop
	list bool // a list of slices
}

// apiName returns the name of a function of package buffer as the tables have it, "" if f belongs elsewhere.
func apiName(f *types.Func) string {
	if f == nil || !isBufferPackage(f.Pkg()) {
		return ""
	}
	if recv := f.Signature().Recv(); recv != nil {
		if name := bufferType(recv.Type()); name != "" {
			return name + "." + f.Name()
		}
		return "" // of an interface such as Allocator, where the rule holds
	}
	return f.Name()
}

// apiModes returns what a function of package buffer does.
func apiModes(name string, f *types.Func) *modes {
	m := &modes{Params: make([]mode, arity(f.Signature()))}
	for i := range m.Params {
		m.Params[i] = borrow
	}
	if i, ok := consumers[name]; ok {
		m.Params[i] = consume
	}
	if name == "Buf.Release" {
		m.Params[0] = release
	}
	results := f.Signature().Results()
	m.Results = make([]result, results.Len())
	for i := range m.Results {
		switch l, lends := lenders[name]; {
		case isBuf(results.At(i).Type()) && isReader(firstParam(f.Signature())):
			m.Results[i] = result{Origin: taken}
		case isBuf(results.At(i).Type()):
			m.Results[i] = result{Origin: fresh}
		case lends && (l.list || isBytes(results.At(i).Type())):
			m.Results[i] = result{Origin: loanFrom, Param: l.from}
		}
	}
	return m
}

// arity returns the number of parameters, the receiver included.
func arity(s *types.Signature) int {
	n := s.Params().Len()
	if s.Recv() != nil {
		n++
	}
	return n
}

// firstParam returns the type of parameter 0.
func firstParam(s *types.Signature) types.Type { return paramType(s, 0) }

// paramType returns the type of a parameter, the receiver being number 0 if there is one.
func paramType(s *types.Signature, i int) types.Type {
	if s.Recv() != nil {
		if i == 0 {
			return s.Recv().Type()
		}
		i--
	}
	if i < s.Params().Len() {
		return s.Params().At(i).Type()
	}
	return types.Typ[types.Invalid]
}
