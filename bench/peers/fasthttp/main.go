// Command fasthttp answers every request by "Hello, World!" with fasthttp v1.65.0, its defaults and one
// handler.
//
//	fasthttp -addr 127.0.0.1:0
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"os"

	"github.com/valyala/fasthttp"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "listen address")
	flag.Parse()
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "listening on %s\n", l.Addr())
	log.Fatal(fasthttp.Serve(l, func(c *fasthttp.RequestCtx) { c.SetBodyString("Hello, World!") }))
}
