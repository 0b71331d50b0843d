package std

import (
	"testing"

	"github.com/ropewalk/ropewalk/transport/transporttest"
)

func TestSuite(t *testing.T) { transporttest.Run(t, Engine{}) }

// TestSuitePlain treats sockets as connections of which nothing is known.
func TestSuitePlain(t *testing.T) { transporttest.Run(t, Engine{plain: true}) }
