package buffertest

import (
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
)

// A fake is a test that takes notes.
type fake struct {
	testing.TB
	ends   []func()
	errors int
}

func (f *fake) Helper()               {}
func (f *fake) Cleanup(end func())    { f.ends = append(f.ends, end) }
func (f *fake) Errorf(string, ...any) { f.errors++ }

func (f *fake) end() {
	for i := len(f.ends) - 1; i >= 0; i-- {
		f.ends[i]()
	}
}

// TestNoLeaks checks that a leak is reported, and only a leak.
func TestNoLeaks(t *testing.T) {
	clean := &fake{TB: t}
	Pool(clean).Alloc(10).Release()
	NoLeaks(clean, new(buffer.Heap), new(buffer.Pool))
	clean.end()
	if clean.errors != 0 {
		t.Errorf("%d errors about a test that leaks nothing", clean.errors)
	}

	leaky := &fake{TB: t}
	b := Pool(leaky).Alloc(10)
	heap := new(buffer.Heap)
	o := heap.Alloc(10)
	NoLeaks(leaky, heap)
	leaky.end()
	if leaky.errors != 3 { // the heap's buffer, the pool's, and that the pool could not be closed
		t.Errorf("%d errors about a test with two leaks, want 3", leaky.errors)
	}
	b.Release()
	o.Release()
}
