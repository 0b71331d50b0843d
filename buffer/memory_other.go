//go:build !linux || race

package buffer

import (
	"sync"
	"unsafe"
)

// On systems other than Linux, and under the race detector, a Pool's chunks lie on the Go heap, as objects without
// pointers: the race detector looks at nothing else. All the rest is the same.

// mapped keeps that memory from the collector, which does not see the pointers inside it.
var mapped sync.Map

func mapMemory(n int, _ bool) ([]byte, error) {
	p := make([]byte, n)
	mapped.Store(uintptr(unsafe.Pointer(unsafe.SliceData(p))), p)
	return p, nil
}

// decommitMemory does nothing: memory goes back by whole regions here. Until then it is counted as if it had.
func decommitMemory([]byte) bool { return true }

func unmapMemory(p []byte) { mapped.Delete(uintptr(unsafe.Pointer(unsafe.SliceData(p)))) }
