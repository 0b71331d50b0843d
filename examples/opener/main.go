// Command opener opens files for other processes of the same user, and hands the open files over: a client sends a line with a
// path, and gets "OK" in a line and with it a descriptor, or "ERR <reason>" in a line. The client may live in a sandbox that
// cannot open anything itself.
//
//	go run ./examples/opener -addr @opener -root . &
//	go run ./examples/opener -addr @opener -open README.md
//
// A name with @ in front is one of the abstract name space: there is no file of it. It works on Linux only.
package main

import (
	"context"
	"flag"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/examples/internal/engines"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
	"github.com/ropewalk/ropewalk/transport/engine"
)

var lines = codec.Line{Max: 4096}.Framer()

// passing asks for descriptors on a socket: one at a time is kept until it is taken.
var passing = engine.SocketOptions{Descriptors: 1}

func main() {
	addr := flag.String("addr", "@opener", "Unix socket to listen on, or to ask")
	dir := flag.String("root", ".", "directory whose files are opened")
	name := flag.String("open", "", "ask for this file, and print it")
	choice := engines.Flag()
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	if *name != "" {
		f, err := ask(ctx, choice.Engine, *addr, *name)
		if err == nil {
			_, err = io.Copy(os.Stdout, f)
			f.Close()
		}
		if err != nil {
			log.Fatal(err)
		}
		return
	}
	root, err := os.OpenRoot(*dir) // what is opened through it stays inside, whatever the path or a link says
	if err != nil {
		log.Fatal(err)
	}
	server := transport.Server{
		Network: "unix",
		Addr:    *addr,
		Engine:  choice.Engine,
		Loops:   1,
		Socket:  passing,
		Accept: pipeline.New(func() []pipeline.Stage {
			return []pipeline.Stage{codec.Decode(lines), pipeline.Serve(opener{root, os.Getuid()}.serve)}
		}),
	}
	if err := server.ListenAndServe(ctx); err != nil {
		log.Fatal(err)
	}
}
