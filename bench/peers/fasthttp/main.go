// Command fasthttp answers every request by "Hello, World!" with fasthttp v1.65.0, its defaults and one
// handler.
//
//	fasthttp -addr 127.0.0.1:0
package main

import (
	"log"
	"net"

	"github.com/ropewalk/ropewalk/bench/internal/peer"
	"github.com/valyala/fasthttp"
)

func main() {
	o := peer.Parse("hello")
	l, err := net.Listen("tcp", o.Addr)
	if err != nil {
		log.Fatal(err)
	}
	peer.Announce(l.Addr())
	log.Fatal(fasthttp.Serve(l, func(c *fasthttp.RequestCtx) { c.SetBodyString("Hello, World!") }))
}
