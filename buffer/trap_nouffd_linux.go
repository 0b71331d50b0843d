//go:build !amd64 && !race

package buffer

import (
	"errors"
	"time"
)

const (
	arenaSize     = 0
	arenaPatience = 0
)

// newArenaTrap fails: an arena needs a few lines of assembly, which exist for amd64 only, and 64-bit addresses.
func newArenaTrap(int, time.Duration, reporter) (trap, error) { return nil, errors.ErrUnsupported }
