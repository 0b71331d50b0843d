package codectest

import "testing"

// allocs counts allocations while the input is decoded again and again on one channel.
func (v *verifier[T]) allocs() bool {
	if !v.s.NoAlloc || v.tail || len(v.Input) > oneGo {
		return true
	}
	tr := v.s.start(v.t, "%s: decoded again and again", v.Name)
	if tr.pipe.Loop.Cache().Pool().Checked { // no handle is used twice there
		return tr.end()
	}
	tr.sink.quiet = true
	tr.spy.calls = 0
	n := testing.AllocsPerRun(100, func() {
		tr.pipe.Conn.Received(tr.pipe.Loop.Received(v.Input))
		tr.pipe.Conn.ReceivedEnd()
		tr.spy.sizes = tr.spy.sizes[:0]
	})
	if n != 0 {
		tr.Errorf("%v allocations", n)
	}
	return tr.end()
}
