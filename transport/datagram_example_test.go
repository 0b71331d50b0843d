//go:build linux

package transport_test

import (
	"context"
	"fmt"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/pipeline/datagram"
	"github.com/ropewalk/ropewalk/transport"
	"github.com/ropewalk/ropewalk/transport/engine"
)

// A server that sends packets back, and a client of it.
func ExampleDatagrams() {
	ctx := context.Background()
	server := transport.Datagrams{Addr: "127.0.0.1:0", Logger: quiet, Accept: datagram.New(func() datagram.Wire {
		return datagram.Serve(func(c *datagram.Ctx[*buffer.Buf], b *buffer.Buf, from datagram.Address) error {
			return c.Write(b, from)
		})
	})}
	running, err := server.Start(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer running.Shutdown(ctx)

	replies := make(chan string)
	client := transport.Client{Logger: quiet}
	defer client.Close(ctx)
	remote, err := client.DialDatagrams(ctx, "udp", running.Addr().String(), datagram.With(
		datagram.Serve(func(c *datagram.Ctx[*buffer.Buf], b *buffer.Buf, from datagram.Address) error {
			replies <- b.Text(0, b.Len())
			b.Release()
			return nil
		})), engine.DatagramOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{"strands", "laid into rope"} {
		b := buffer.Default.Alloc(len(text))
		b.PutString(text)
		remote.Write(b)
		fmt.Println(<-replies)
	}
	// Output:
	// strands
	// laid into rope
}
