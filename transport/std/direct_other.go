//go:build !linux && !darwin && !freebsd && !netbsd && !openbsd && !dragonfly

package std

// Here all connections are plain ones.
const (
	haveDirect   = false
	haveSendfile = false
	haveGather   = false
)

type gather struct{}

func newDirect(*conn) mover { return nil }
