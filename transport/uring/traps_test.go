//go:build linux

package uring_test

import (
	"testing"

	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
	"github.com/ropewalk/ropewalk/transport/uring"
)

func TestTraps(t *testing.T) { sockettest.Run(t, uring.Engine{}) }

// Every connection receives as soon as it can.
func TestTrapsEager(t *testing.T) { sockettest.Run(t, uring.Eager()) }

// Both queues are full all the time.
func TestTrapsSmall(t *testing.T) { sockettest.Run(t, uring.Small(2, 4)) }

// What older kernels have.
func TestTrapsOld(t *testing.T) { sockettest.Run(t, uring.Old(uring.Modes-1, false)) }

// No connection receives.
func TestTrapsPolling(t *testing.T) { sockettest.Run(t, uring.Old(0, true)) }
