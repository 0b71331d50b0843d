//go:build race

package buffer

import (
	"runtime"
	"unsafe"
)

// The race detector does not see what the kernel does with memory, nor that bytes which are released may belong to somebody
// else at once. These calls tell it.

// raceWrite says that p is overwritten: by the kernel, or because its block is free from now on.
func raceWrite(p []byte) {
	if len(p) > 0 {
		runtime.RaceWriteRange(unsafe.Pointer(&p[0]), len(p))
	}
}

// raceRead says that p is read by the kernel.
func raceRead(p []byte) {
	if len(p) > 0 {
		runtime.RaceReadRange(unsafe.Pointer(&p[0]), len(p))
	}
}
