//go:build linux

package socket_test

import (
	"io"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
	"github.com/ropewalk/ropewalk/transport/internal/socket"
	"github.com/ropewalk/ropewalk/transport/internal/socket/sockettest"
)

// A loop that spins asks for events as long as there were some not long ago, and then sleeps.
func TestSpin(t *testing.T) {
	onEach(t, func(t *testing.T, v variant) {
		var clock socket.Clock
		g := sockettest.StartWith(t, v.engine, engine.Config{Spin: time.Second, Now: clock.Now})
		p := g.Serve("tcp", "127.0.0.1:0", channel.Options{})(sockettest.Echo())
		waits := func() uint64 { return g.Stats().Waits }
		for range 2 {
			io.WriteString(p, "ping")
			io.ReadFull(p, make([]byte, 4))
			before := waits()
			sockettest.Eventually(t, "the loop to spin", func() bool { return waits() > before+1000 })
			clock.Advance(2 * time.Second)
			sockettest.Eventually(t, "the loop to sleep", func() bool {
				before := waits()
				timer := time.NewTimer(5 * time.Millisecond) // what a loop does while nothing happens
				<-timer.C
				return waits() == before
			})
		}
	})
}
