// Command rpc starts a server for a small protocol of requests and replies, calls it over loopback, and tells what a call
// costs.
//
//	go run ./examples/rpc
//	go run ./examples/rpc -listen 127.0.0.1:7000                  # the halves apart
//	go run ./examples/rpc -connect 127.0.0.1:7000 -calls 1000000
//
// The protocol is in wire.go, the server in server.go, the client in client.go; the rest is measuring.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/ropewalk/ropewalk/examples/internal/engines"
	"github.com/ropewalk/ropewalk/transport"
)

func main() {
	var o options
	flag.IntVar(&o.calls, "calls", 1_000_000, "number of calls")
	flag.IntVar(&o.conns, "conns", 16, "number of connections")
	flag.IntVar(&o.inflight, "inflight", 32, "calls in flight on each connection")
	flag.IntVar(&o.size, "size", 64, "bytes of a body")
	flag.BoolVar(&o.upper, "upper", false, "ask for upper case instead of an echo")
	flag.IntVar(&o.loops, "loops", 1, "event loops of the server, and of the client; 0 is one per processor")
	listen := flag.String("listen", "", "be only the server, at this `address`")
	connect := flag.String("connect", "", "be only the client, of the server at this `address`")
	choice := engines.Flag()
	flag.Parse()
	o.engine = choice.Engine
	if err := o.check(); err != nil {
		log.Fatal(err)
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	server := &transport.Server{Addr: *listen, Engine: o.engine, Loops: o.loops, Accept: accept(o.largest()), Marks: o.marks()}
	var err error
	switch {
	case *listen != "":
		err = server.ListenAndServe(ctx)
	case *connect != "":
		err = run(ctx, o, *connect, nil)
	default:
		server.Addr = "127.0.0.1:0"
		server.Logger = slog.New(slog.DiscardHandler)
		var running *transport.Running
		if running, err = server.Start(ctx); err == nil {
			err = run(ctx, o, running.Addr().String(), running)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
