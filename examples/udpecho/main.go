// Command udpecho sends back every packet that it receives.
//
//	go run ./examples/udpecho -addr 127.0.0.1:7000
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/examples/internal/engines"
	"github.com/ropewalk/ropewalk/pipeline/datagram"
	"github.com/ropewalk/ropewalk/transport"
)

// echo owns the packet that it receives, and passes it on to the sender. Nothing is copied.
func echo(c *datagram.Ctx[*buffer.Buf], b *buffer.Buf, from datagram.Address) error {
	return c.Write(b, from)
}

func main() {
	addr := flag.String("addr", "127.0.0.1:7000", "address to receive at; port 0 is any port")
	loops := flag.Int("loops", 0, "number of event loops, and sockets; 0 is one per processor")
	choice := engines.Flag()
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	server := transport.Datagrams{
		Addr:   *addr,
		Engine: choice.Engine,
		Loops:  *loops,
		Accept: datagram.New(func() datagram.Wire { return datagram.Serve(echo) }),
	}
	if err := server.ListenAndServe(ctx); err != nil {
		log.Fatal(err)
	}
}
