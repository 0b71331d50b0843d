package main

import (
	"strings"

	"github.com/ropewalk/ropewalk/codec/http1"
	"github.com/ropewalk/ropewalk/codec/websocket"
)

var protocolOps = []operation{
	hello("http1/hello/1", 1),
	hello("http1/hello/16", 16),
	messages("websocket/echo/125/1", 1),
	messages("websocket/echo/125/32", 32),
}

// hello is a request that is read, parsed, handled and answered, depth of them in one read.
func hello(name string, depth int) operation {
	return operation{name, max(64/depth, 4), depth, func(b *bed) func(int) {
		w := b.open(new(http1.Server).Stage(), http1.Serve(func(c *http1.Ctx, r *http1.Request) error {
			sum++
			return c.Write(r.Text(200, "Hello, World!"))
		}))
		w.fresh = true
		input := []byte(strings.Repeat("GET /hello HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\nUser-Agent: instructions\r\n\r\n", depth))
		return func(n int) {
			answered := sum
			for range n {
				w.burst(input)
			}
			if sum-answered != uint64(n*depth) {
				panic(name + ": not all were answered")
			}
		}
	}}
}

// messages is a message of 125 bytes that is read, unmasked, checked and sent back, depth of them in one read.
func messages(name string, depth int) operation {
	return operation{name, max(64/depth, 4), depth, func(b *bed) func(int) {
		w := b.open(new(websocket.Server).Stage(), websocket.Serve(func(c *websocket.Ctx, m websocket.Message) error { return c.Write(m) }))
		w.fresh = true
		input := []byte(strings.Repeat("\x81\xfd\x00\x00\x00\x00"+strings.Repeat("x", 125), depth)) // RFC 6455 section 5.2: FIN, text, masked
		return func(n int) {
			sent := w.sent
			for range n {
				w.burst(input)
			}
			if w.sent-sent != n*depth*127 {
				panic(name + ": not all came back")
			}
		}
	}}
}
