//go:build !amd64 && !arm64

package buffer

// getg cannot tell goroutines apart on this architecture. It returns an address that no cache is bound to, so public
// methods always take the locked path: slower, never wrong.
func getg() uintptr { return 0 }
