package mem_test

import (
	"fmt"
	"testing"

	"github.com/ropewalk/ropewalk/transport/mem"
	"github.com/ropewalk/ropewalk/transport/transporttest"
)

func TestSuite(t *testing.T) {
	for _, loops := range []int{1, 2} {
		if testing.Short() && loops == 1 {
			continue
		}
		t.Run(fmt.Sprintf("loops=%d", loops), func(t *testing.T) {
			n := new(mem.Network)
			transporttest.Suite{
				Engine: mem.Engine{Network: n}, Loops: loops, Dial: n.Dial, Listen: n.Listen, InProcess: true,
			}.Run(t)
		})
	}
}
