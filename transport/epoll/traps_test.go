//go:build linux

package epoll_test

import (
	"testing"

	"github.com/ropewalk/ropewalk/transport/epoll"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// The traps of io_uring are none for epoll, or should not be.
func TestTraps(t *testing.T) { sockettest.Run(t, epoll.Engine{}) }
