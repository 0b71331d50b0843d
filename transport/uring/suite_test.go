//go:build linux

package uring_test

import (
	"fmt"
	"testing"

	"github.com/ropewalk/ropewalk/transport/transporttest"
	"github.com/ropewalk/ropewalk/transport/uring"
)

func TestSuite(t *testing.T) { transporttest.Run(t, uring.Engine{}) }

// Every connection receives as soon as it can.
func TestSuiteEager(t *testing.T) { transporttest.Run(t, uring.Eager()) }

// Both queues are full all the time.
func TestSuiteSmall(t *testing.T) { transporttest.Suite{Engine: uring.Small(2, 4)}.Run(t) }

// What older kernels have.
func TestSuiteOld(t *testing.T) {
	for mode := 1; mode < uring.Modes; mode++ {
		t.Run(fmt.Sprint(mode), transporttest.Suite{Engine: uring.Old(mode, false)}.Run)
	}
	t.Run("poll", transporttest.Suite{Engine: uring.Old(0, true)}.Run)
}
