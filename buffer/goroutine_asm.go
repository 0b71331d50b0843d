//go:build amd64 || arm64

package buffer

// getg returns the address of the running goroutine's descriptor. It answers one question only: does this code run
// on the goroutine that owns a Cache? See goroutine_other.go for what happens where it cannot be asked.
//
//go:noescape
func getg() uintptr
