//go:build linux

package uring_test

import (
	"testing"

	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
	"github.com/ropewalk/ropewalk/transport/transporttest"
	"github.com/ropewalk/ropewalk/transport/uring"
)

// A setting is the engine in circumstances that are rare, or old.
type setting struct {
	name   string
	engine uring.Engine
	traps  bool // is not for the whole suite: it differs from another one by what only traps look at
}

// settings returns the settings that suite and traps run in; in short mode, which is for runs that are slow as it is, the one that differs
// most, and only the traps run in it.
func settings() []setting {
	all := []setting{
		{name: "eager", engine: uring.Eager()},     // every connection receives as soon as it can
		{name: "small", engine: uring.Small(2, 4)}, // both queues are full all the time
	}
	if testing.Short() {
		return all[1:]
	}
	return append(all,
		setting{name: "before 6.6", engine: uring.Old(1, false), traps: true},
		setting{name: "before 6.1", engine: uring.Old(2, false)},
		setting{name: "polling", engine: uring.Old(0, true), traps: true}, // no connection receives
	)
}

func TestSuite(t *testing.T) { transporttest.Run(t, uring.Engine{}) }

func TestSuiteSettings(t *testing.T) {
	for _, s := range settings() {
		if !s.traps && !testing.Short() {
			t.Run(s.name, transporttest.Suite{Engine: s.engine, Loops: 1}.Run)
		}
	}
}

func TestTraps(t *testing.T) { sockettest.Run(t, uring.Engine{}) }

func TestTrapsSettings(t *testing.T) {
	for _, s := range settings() {
		t.Run(s.name, func(t *testing.T) { sockettest.Run(t, s.engine) })
	}
}
