package transport

import (
	"log/slog"
	"math"

	"github.com/ropewalk/ropewalk/transport/engine"
)

func logger(l *slog.Logger) *slog.Logger {
	if l == nil {
		return slog.Default()
	}
	return l
}

// groupFor returns the shared group, or starts one, and tells which.
func groupFor(shared engine.Group, e engine.Engine, c engine.Config) (group engine.Group, own bool, err error) {
	if shared != nil {
		return shared, false, nil
	}
	if e == nil {
		group, err = startBest(c)
	} else {
		group, err = e.Start(c)
	}
	return group, true, err
}

// maxConns fills in the default of Server.MaxConns.
func maxConns(n int) int {
	switch {
	case n < 0:
		return math.MaxInt
	case n == 0:
		return max(openFiles()/10*9, 16)
	}
	return n
}
