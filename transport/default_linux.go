package transport

import (
	"errors"
	"math"

	"golang.org/x/sys/unix"

	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/epoll"
	"github.com/ropewalk/ropewalk/transport/uring"
)

// startBest starts a group on the best engine that works here.
func startBest(c engine.Config) (engine.Group, error) {
	return startFirst(c, uring.Engine{}, epoll.Engine{})
}

// startFirst starts a group on the first of some engines that the system does not refuse, and logs why others were not taken.
func startFirst(c engine.Config, engines ...engine.Engine) (group engine.Group, err error) {
	for i, e := range engines {
		if group, err = e.Start(c); err == nil || !errors.Is(err, engine.ErrUnsupported) || i == len(engines)-1 {
			break
		}
		logger(c.Logger).Info("falling back to "+engines[i+1].String(), "error", err)
	}
	return group, err
}

// openFiles returns how many descriptors the process may have.
func openFiles() int {
	var r unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &r) != nil {
		return 1024
	}
	return int(min(r.Cur, math.MaxInt32))
}
