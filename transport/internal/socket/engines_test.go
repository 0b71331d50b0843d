//go:build linux

package socket_test

import (
	"testing"

	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/epoll"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
	"github.com/ropewalk/ropewalk/transport/uring"
)

// A variant is an engine that is built on this package, and what is measured of it.
type variant struct {
	engine engine.Engine
	// exact says that each read and each write is a system call of its own; else fewer are counted, or none.
	exact bool
	// idle is what an idle connection with a small sink may hold, in bytes of the Go heap and of the pool. Most of it is the
	// channel itself.
	idle int64
	// fixed is what a loop may have in use of the pool to receive into, whatever its connections do.
	fixed int64
}

var variants = []variant{
	{engine: epoll.Engine{}, exact: true, idle: 256},
	{engine: uring.Engine{}, idle: 288, fixed: 1 << 20},
}

// onEach runs a test on each engine.
func onEach(t *testing.T, test func(t *testing.T, v variant)) {
	for _, v := range variants {
		t.Run(v.engine.String(), func(t *testing.T) { test(t, v) })
	}
}

// onGroups is onEach with a group of one loop.
func onGroups(t *testing.T, test func(t *testing.T, g *sockettest.Group)) {
	onEach(t, func(t *testing.T, v variant) { test(t, sockettest.Start(t, v.engine)) })
}
