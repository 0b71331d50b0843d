// Command files serves files: a client sends a line with a path, and gets "OK <size>" in a line and the file, or
// "ERR <reason>" in a line. Any number of requests may follow each other on a connection, without waiting.
//
//	go run ./examples/files -addr 127.0.0.1:7000 -root .
//	printf 'README.md\n' | nc -N 127.0.0.1 7000
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/ropewalk/ropewalk/codec"
	"github.com/ropewalk/ropewalk/examples/internal/engines"
	"github.com/ropewalk/ropewalk/pipeline"
	"github.com/ropewalk/ropewalk/transport"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:7000", "address to listen on; port 0 is any port")
	dir := flag.String("root", ".", "directory to serve")
	loops := flag.Int("loops", 0, "number of event loops; 0 is one per processor")
	choice := engines.Flag()
	flag.Parse()

	root, err := os.OpenRoot(*dir) // what is opened through it stays inside, whatever the path or a link says
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	lines := codec.Line{Max: 4096}.Framer()
	server := transport.Server{
		Addr:   *addr,
		Engine: choice.Engine,
		Loops:  *loops,
		Accept: pipeline.New(func() []pipeline.Stage {
			return []pipeline.Stage{codec.Decode(lines), pipeline.Serve(files{root}.serve)}
		}),
	}
	if err := server.ListenAndServe(ctx); err != nil {
		log.Fatal(err)
	}
}
