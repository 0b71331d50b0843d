// Command ropewalk is our server: examples/echo and examples/frames in one, with the same handlers, and broadcasts.
//
//	ropewalk -addr 127.0.0.1:0 -mode raw|frame|fan [-engine epoll|uring|std|gnet] [-max BYTES] [-loops N]
//
// Unlike the examples it has the flags of the other peers, and tells on SIGUSR1 what it has allocated.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/ropewalk/ropewalk/bench/internal/engines"
	"github.com/ropewalk/ropewalk/bench/internal/peer"
	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
)

func main() {
	chosen := engines.Flag(flag.CommandLine)
	o := peer.Parse("raw", "frame", "fan")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	server := transport.Server{
		Addr:   o.Addr,
		Engine: *chosen,
		Loops:  o.Loops,
		Accept: pipeline.New(stages(o)),
	}
	if err := server.ListenAndServe(ctx); err != nil {
		log.Fatal(err)
	}
}

// stages returns what makes the stages of a connection.
func stages(o peer.Options) func() []pipeline.Stage {
	frames := codec.LengthField{Max: o.Max}.Framer()
	switch o.Mode {
	case "raw":
		return func() []pipeline.Stage { return []pipeline.Stage{pipeline.Serve(echo)} }
	case "frame":
		return func() []pipeline.Stage { return []pipeline.Stage{codec.Frames(frames), pipeline.Serve(echo)} }
	}
	all := new(room)
	return func() []pipeline.Stage { return []pipeline.Stage{codec.Decode(frames), &member{room: all}} }
}

// echo owns what it receives, and passes it on. Nothing is copied: in frame mode the stage below puts the length in front
// again, where it was.
func echo(c *pipeline.Ctx[*buffer.Buf], b *buffer.Buf) error { return c.Write(b) }
