// Command echo sends back every byte that it receives.
//
//	go run ./examples/echo -addr 127.0.0.1:7000
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
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
)

// echo owns what it receives, and passes it on to the wire. Nothing is copied.
func echo(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf) error { return c.Write(b) }

func main() {
	addr := flag.String("addr", "127.0.0.1:7000", "address to listen on; port 0 is any port")
	loops := flag.Int("loops", 0, "number of event loops; 0 is one per processor")
	choice := engines.Flag()
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	server := transport.Server{
		Addr:   *addr,
		Engine: choice.Engine,
		Loops:  *loops,
		Accept: pipeline.New(func() []pipeline.Stage { return []pipeline.Stage{pipeline.Serve(echo)} }),
	}
	if err := server.ListenAndServe(ctx); err != nil {
		log.Fatal(err)
	}
}
