package transport

import (
	"math"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/epoll"
)

func defaultEngine() (engine.Engine, error) { return epoll.Engine{}, nil }

// openFiles returns how many descriptors the process may have.
func openFiles() int {
	var r unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &r) != nil {
		return 1024
	}
	return int(min(r.Cur, math.MaxInt32))
}
