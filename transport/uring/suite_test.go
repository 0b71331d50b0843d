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
}

// settings returns the settings that the suites run in; with -short, which is for runs that are slow as it is, the one that differs most.
func settings() []setting {
	all := []setting{
		{"eager", uring.Eager()},     // every connection receives as soon as it can
		{"small", uring.Small(2, 4)}, // both queues are full all the time
	}
	if testing.Short() {
		return all[1:]
	}
	return append(all,
		setting{"before 6.6", uring.Old(1, false)},
		setting{"before 6.1", uring.Old(2, false)},
		setting{"polling", uring.Old(0, true)}, // no connection receives
	)
}

func TestSuite(t *testing.T) { transporttest.Run(t, uring.Engine{}) }

func TestSuiteSettings(t *testing.T) {
	for _, s := range settings() {
		t.Run(s.name, transporttest.Suite{Engine: s.engine, Loops: 1}.Run)
	}
}

func TestTraps(t *testing.T) { sockettest.Run(t, uring.Engine{}) }

func TestTrapsSettings(t *testing.T) {
	for _, s := range settings() {
		t.Run(s.name, func(t *testing.T) { sockettest.Run(t, s.engine) })
	}
}
