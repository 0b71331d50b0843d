package std

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// TestEchoAllocates bounds what a message costs in allocations, on both kinds of connections: none. The peer shares the process, so a few of the
// runtime's own are let through.
func TestEchoAllocates(t *testing.T) {
	for name, e := range map[string]Engine{"direct": {}, "plain": {plain: true}} {
		t.Run(name, func(t *testing.T) {
			const messages = 5000
			g, _ := startGroup(t, e)
			ln, err := g.Listen(context.Background(), engine.ListenConfig{
				Network: "tcp", Addr: "127.0.0.1:0", Options: channel.Options{}.Prepare(), MaxConns: 1,
				Accept: func(*channel.Channel) channel.Sink { return newEcho() },
			})
			if err != nil {
				t.Fatal(err)
			}
			c, err := net.Dial("tcp", ln.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			c.SetDeadline(time.Now().Add(patience))
			message := make([]byte, 64)
			exchange := func(n int) {
				for range n {
					if _, err := c.Write(message); err != nil {
						t.Fatal(err)
					}
					if _, err := io.ReadFull(c, message); err != nil {
						t.Fatal(err)
					}
				}
			}
			channeltest.NoAllocations(t, messages, exchange)
		})
	}
}
