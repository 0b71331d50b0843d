//go:build !unix || aix || solaris || illumos

package std

import "net"

const (
	haveBuffers   = false
	canPeekAccept = false
)

// setBuffers leaves it to setOptions.
func setBuffers(uintptr, int, int) error { return nil }

// hasConnection cannot tell.
func hasConnection(net.Listener) bool { return false }
