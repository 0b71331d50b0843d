package gnet_test

import (
	"testing"

	"github.com/ropewalk/ropewalk/transport/gnet"
	"github.com/ropewalk/ropewalk/transport/transporttest"
)

func TestSuite(t *testing.T) { transporttest.Run(t, gnet.Engine{}) }
