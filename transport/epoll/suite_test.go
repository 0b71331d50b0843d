//go:build linux

package epoll_test

import (
	"testing"

	"github.com/ropewalk/ropewalk/transport/epoll"
	"github.com/ropewalk/ropewalk/transport/transporttest"
)

func TestSuite(t *testing.T) { transporttest.Run(t, epoll.Engine{}) }
