//go:build !linux

package buffer

// mapMemory returns n bytes of Go memory: on this system a Pool's chunks lie on the Go heap, as objects without pointers.
func mapMemory(n int) ([]byte, error) { return make([]byte, n), nil }

func unmapMemory([]byte) {}

func systemMemory() int64 { return 0 }
