package gnet

import (
	"bytes"
	"io"
	"testing"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// A message costs no allocation, whatever its size. More than the socket takes at once is another matter, see conn.waitForRoom.
func TestNoAllocations(t *testing.T) {
	for _, size := range []int{1, 64, 1 << 10, 16 << 10, 60 << 10} {
		p := serve(t, start(t, Engine{}), engine.SocketOptions{}, func(*channel.Channel) channel.Sink { return newSink() })()
		input, got := pattern(size), make([]byte, size)
		exchange := func(n int) {
			for range n {
				if _, err := p.Write(input); err != nil {
					t.Fatal(err)
				}
				if _, err := io.ReadFull(p, got); err != nil || !bytes.Equal(got, input) {
					t.Fatalf("the echo is wrong: %v", err)
				}
			}
		}
		channeltest.NoAllocations(t, 2000, exchange)
	}
}
