// Command frames sends back every frame that it receives: four bytes of length, most significant first, and as many
// bytes of payload. A frame above the maximum closes its connection, with a line in the log.
//
//	go run ./examples/frames -addr 127.0.0.1:7000 -max 1048576 -pool 67108864
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/examples/internal/engines"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
)

// echo gets the payload of a frame and writes it; the stage below puts the length in front again, where it was.
func echo(c *pipeline.Ctx[*buffer.Buf], payload *buffer.Buf) error { return c.Write(payload) }

func main() {
	addr := flag.String("addr", "127.0.0.1:7000", "address to listen on; port 0 is any port")
	loops := flag.Int("loops", 0, "number of event loops; 0 is one per processor")
	most := flag.Int("max", 1<<20, "largest payload of a frame, in bytes")
	limit := flag.Int64("pool", 0, "most memory for buffers, in bytes; 0 is half of the machine's")
	choice := engines.Flag()
	flag.Parse()
	if *most < 1 {
		log.Fatal("frames: -max must be positive")
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	frames := codec.LengthField{Max: *most}.Framer()
	pool := &buffer.Pool{Limit: *limit}
	server := transport.Server{
		Addr:   *addr,
		Engine: choice.Engine,
		Loops:  *loops,
		Pool:   pool,
		Accept: pipeline.New(func() []pipeline.Stage {
			return []pipeline.Stage{codec.Frames(frames), pipeline.Serve(echo)}
		}),
	}
	running, err := server.Start(ctx)
	if err != nil {
		log.Fatal(err)
	}
	<-ctx.Done()
	patience, cancel := context.WithTimeout(context.Background(), transport.DefaultDrainTimeout)
	err = running.Shutdown(patience)
	cancel()
	s := pool.Stats()
	log.Printf("buffers: %d bytes held at most of %d, %d times under pressure, %d pauses, %d allocations refused",
		s.Peak, s.Limit, s.Pressures, running.Stats().Pauses, s.Refused)
	if err != nil {
		log.Fatal(err)
	}
}
