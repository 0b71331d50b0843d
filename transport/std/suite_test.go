package std

import (
	"testing"

	"github.com/ropewalk/ropewalk/transport/transporttest"
)

func TestSuite(t *testing.T) { transporttest.Run(t, Engine{}) }

// TestSuitePlain treats sockets as connections of which nothing is known. In short mode TestSuiteTLS, which does too, is enough.
func TestSuitePlain(t *testing.T) {
	if !testing.Short() {
		transporttest.Run(t, Engine{plain: true})
	}
}
