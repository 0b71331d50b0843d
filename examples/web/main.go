// Command web serves a folder over HTTP, and shows what the server is doing meanwhile:
//
//	go run ./examples/web -addr 127.0.0.1:8080 -root .
//
//	/            the files of the folder; a directory without index.html is listed
//	/live        a page with charts: connections, requests, bytes, system calls, memory of the pool, lag of the loops
//	/live/ws     the WebSocket that feeds it, once a second
//	/echo        any method: what was parsed of the request, as JSON
//	/ws          a WebSocket that sends back every message, of up to 16 MiB
//
// The last two are there for test suites, such as Autobahn's fuzzing client.
//
//	                     ┌ static files ── sendfile
//	wire ── http1 ── site┤ echo
//	                     ├ Upgrade ──► websocket ── echo
//	                     └ Upgrade ──► websocket ── viewer ◄── live: one message a second, prepared once for all viewers
//
// SIGTERM or ctrl-C lets connections finish, then stops the server.
package main

import (
	"context"
	"errors"
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/ropewalk/ropewalk/examples/internal/engines"
	"github.com/ropewalk/ropewalk/transport"
	"github.com/ropewalk/ropewalk/transport/engine"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on; port 0 is any port")
	root := flag.String("root", ".", "directory to serve")
	loops := flag.Int("loops", 0, "number of event loops; 0 is one per processor")
	choice := engines.Flag()
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	if err := run(ctx, choice.Engine, *addr, *root, *loops); err != nil {
		log.Fatal(err)
	}
}

// run serves until ctx ends, on an engine; nil is the best one.
func run(ctx context.Context, e engine.Engine, addr, root string, loops int) error {
	s, err := open(root)
	if err != nil {
		return err
	}
	defer s.Close()
	server := transport.Server{Addr: addr, Engine: e, Loops: loops, Accept: s.accept(), Marks: marks}
	running, err := server.Start(ctx)
	if err != nil {
		return err
	}
	go s.live.watch(ctx, running, s.files)
	<-ctx.Done()
	drain, cancel := context.WithTimeout(context.Background(), transport.DefaultDrainTimeout)
	defer cancel()
	err = running.Shutdown(drain)
	if errors.Is(err, context.DeadlineExceeded) { // somebody did not take his answers: no fault of ours
		log.Printf("not all connections were done in %v", transport.DefaultDrainTimeout)
		err = nil
	}
	return err
}
