package std

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// TestSlowPeer sends a lot through buffers of 4 KiB, both ways, to a peer that reads a little at a time: the channel
// pauses and resumes all the time, another one of its loop is served meanwhile, and what comes back is what was sent.
func TestSlowPeer(t *testing.T) {
	for name, e := range map[string]Engine{"direct": {}, "plain": {plain: true}} {
		t.Run(name, func(t *testing.T) {
			g, pool := startGroup(t, e)
			ln, err := g.Listen(context.Background(), engine.ListenConfig{
				Network: "tcp", Addr: "127.0.0.1:0", MaxConns: 2, Options: channel.Options{Marks: channel.Watermark{High: 8 << 10}}.Prepare(),
				Socket: engine.SocketOptions{SendBuffer: 4 << 10, ReceiveBuffer: 4 << 10},
				Accept: func(*channel.Channel) channel.Sink { return newEcho() },
			})
			if err != nil {
				t.Fatal(err)
			}
			dial := func() net.Conn {
				c, err := net.Dial("tcp", ln.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				c.(*net.TCPConn).SetReadBuffer(4 << 10)
				c.SetDeadline(time.Now().Add(patience))
				return c
			}
			slow, other := dial(), dial()
			defer slow.Close()
			defer other.Close()
			data := bytes.Repeat([]byte("0123456789abcdef-"), 3_000)
			sent := make(chan error, 1)
			go func() {
				_, err := slow.Write(data)
				sent <- err
			}()
			got := make([]byte, 0, len(data))
			for len(got) < len(data) {
				n, err := slow.Read(got[len(got):min(len(got)+1000, len(data))])
				if err != nil {
					t.Fatalf("got %d of %d bytes, then %v", len(got), len(data), err)
				}
				if got = got[:len(got)+n]; len(got)%10 == 0 {
					ping(t, other)
				}
			}
			if !bytes.Equal(got, data) {
				t.Error("other bytes came back than were sent")
			}
			if err := <-sent; err != nil {
				t.Errorf("Write: %v", err)
			}
			if n := pool.Held(); n > 4<<20 {
				t.Errorf("the pool holds %d bytes for a slow peer", n)
			}
			slow.(*net.TCPConn).CloseWrite()
			if rest, err := io.ReadAll(slow); len(rest) > 0 || err != nil {
				t.Errorf("%d bytes follow, then %v", len(rest), err)
			}
		})
	}
}
